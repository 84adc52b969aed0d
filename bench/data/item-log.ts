import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expressions as f } from '../../src/expressions/index.ts'
import { workflow, type Workflow } from '../../src/workflow/index.ts'

export const itemLogNames = ['clothing', 'movielens'] as const

export interface Click {
  readonly item: string
}

/** Sessions in the order in which they begin, and what is known of each item. */
export interface ItemLog {
  readonly sessions: readonly (readonly Click[])[]
  /** The columns that say something of an item. */
  readonly names: readonly string[]
  readonly columns: (item: string) => Readonly<Record<string, string | number>>
  readonly vectors: (item: string) => Readonly<Record<string, Float32Array>>
  readonly workflow: Workflow
  readonly excludeSeen: boolean
}

export const itemLog = (name: (typeof itemLogNames)[number], from: string): ItemLog =>
  name === 'clothing' ? clothing(join(from, 'eshop_clothing_2008')) : movielens(join(from, 'ml-1m'))

type Row = Readonly<Record<string, string>>

function clothing(folder: string): ItemLog {
  const rows = readTable(join(folder, 'e-shop_clothing_2008.csv.gz'), ',')
  const names = ['category', 'colour', 'location', 'photography', 'above', 'page', 'price']
  const of = (row: Row): Readonly<Record<string, string>> => ({
    category: row['page.1..main.category.']!,
    colour: row['colour']!,
    location: row['location']!,
    photography: row['model.photography']!,
    above: row['price.2']!,
    page: row['page']!,
    price: row['price']!,
  })
  const items = new Map(rows.map((row) => [row['page.2..clothing.model.']!, of(row)]))
  return {
    sessions: grouped(rows, 'session.ID', 'page.2..clothing.model.'),
    names,
    columns: (item) => items.get(item)!,
    vectors: () => ({}),
    workflow: workflow({
      session: 'session',
      item: 'item',
      time: f.column('time', 'seconds'),
      features: {
        item: f.category('item'),
        ...Object.fromEntries(names.slice(0, -1).map((name) => [name, f.category(name)])),
        price: f.normalize(f.column('price', 'number')),
      },
    }),
    excludeSeen: false,
  }
}

function movielens(folder: string): ItemLog {
  const rows = readTable(join(folder, 'events.tsv.gz'), '\t')
  const movies = new Map(
    readFileSync(join(folder, 'movies.dat'), 'latin1')
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [id, title, genres] = line.trimEnd().split('::')
        return [id!, { title: title!, genres: genres!.split('|') }] as const
      }),
  )
  const genres = [...new Set([...movies.values()].flatMap((movie) => movie.genres))].sort()
  const year = (item: string): number => Number(/\((\d{4})\)$/.exec(movies.get(item)!.title)![1])
  return {
    sessions: grouped(
      rows.toSorted((one, other) => Number(one['timestamp']) - Number(other['timestamp'])),
      'sas_user',
      'orig_movie',
    ),
    names: ['year'],
    columns: (item) => ({ year: year(item) }),
    vectors: (item) => ({
      genres: Float32Array.from(genres, (genre) => Number(movies.get(item)!.genres.includes(genre))),
    }),
    workflow: workflow({
      session: 'session',
      item: 'item',
      time: f.column('time', 'seconds'),
      features: { item: f.category('item'), year: f.category('year') },
    }),
    excludeSeen: true,
  }
}

function grouped(rows: readonly Row[], session: string, item: string): readonly (readonly Click[])[] {
  const found = new Map<string, Click[]>()
  for (const row of rows) {
    const clicks = found.get(row[session]!) ?? []
    clicks.push({ item: row[item]! })
    found.set(row[session]!, clicks)
  }
  return [...found.values()]
}

function readTable(path: string, delimiter: string): readonly Row[] {
  const [header, ...lines] = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n')
  const names = header!.replaceAll('"', '').trimEnd().split(delimiter)
  return lines.map((line) => {
    const cells = line.replaceAll('"', '').trimEnd().split(delimiter)
    return Object.fromEntries(names.map((name, at) => [name, cells[at]!]))
  })
}
