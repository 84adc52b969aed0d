import type { RecipeColumn } from '../events/index.ts'
import type { Dataset, Layout } from './dataset.ts'

/** The export from R has other names than the original for six columns. */
const layout = (
  title: string,
  file: string,
  from: Readonly<Record<'session' | 'item' | 'category' | 'photography' | 'price2', string>>,
  delimiter: string,
): Layout => {
  const integer = (name: string, column = name): RecipeColumn => ({ name, from: column, type: 'integer' })
  return {
    title,
    inputs: [{ files: { names: [file] }, reading: { kind: 'delimited', delimiter } }],
    recipe: {
      session: from.session,
      item: from.item,
      time: { kind: 'date-and-offset', date: ['year', 'month', 'day'], offset: 'order' },
      columns: [
        integer('order'),
        integer('country'),
        integer('category', from.category),
        integer('colour'),
        integer('location'),
        integer('photography', from.photography),
        integer('price'),
        integer('price_above_average', from.price2),
        integer('page'),
      ],
      derived: [],
      steps: [],
    },
  }
}

export const eshopClothing: Dataset = {
  name: 'eshop-clothing',
  title: 'Clicks of a clothing shop, 2008',
  purpose: 'comes with this package: the whole walk without a download',
  size: '165,474 clicks, 24,026 sessions, 217 items',
  homepage: 'https://archive.ics.uci.edu/dataset/553/clickstream+data+for+online+shopping',
  licence: {
    name: 'CC BY 4.0',
    link: 'https://creativecommons.org/licenses/by/4.0/',
    mustAccept: false,
    mayRedistribute: 'yes',
  },
  source: { kind: 'bundled', folder: new URL('../../examples/eshop-clothing/', import.meta.url) },
  layouts: [
    layout(
      'as in this package',
      'e-shop_clothing_2008.csv',
      {
        session: 'session.ID',
        item: 'page.2..clothing.model.',
        category: 'page.1..main.category.',
        photography: 'model.photography',
        price2: 'price.2',
      },
      ',',
    ),
    layout(
      'the original file',
      'e-shop clothing 2008.csv',
      {
        session: 'session ID',
        item: 'page 2 (clothing model)',
        category: 'page 1 (main category)',
        photography: 'model photography',
        price2: 'price 2',
      },
      ';',
    ),
  ],
  preparation:
    'All clicks. The files know the day and the order in the session: the time is the day and so many milliseconds as the order says.',
}
