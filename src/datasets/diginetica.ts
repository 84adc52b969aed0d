import type { RecipeColumn, Recipe } from '../events/index.ts'
import type { Dataset, Layout } from './dataset.ts'

/** Original and later copies of the views differ in the names of the columns. */
const views = (names: { readonly session: string; readonly user: string; readonly item: string }): Layout => {
  const user: RecipeColumn = { name: 'user', from: names.user, type: 'text', missing: 'NA' }
  const recipe: Omit<Recipe, 'inputs' | 'lookups'> = {
    session: names.session,
    item: names.item,
    time: { kind: 'date-and-offset', date: ['eventdate'], offset: 'timeframe' },
    columns: [user],
    derived: [],
    steps: [
      { kind: 'minimum-counts', session: 2, item: 1, repeat: false },
      { kind: 'minimum-counts', session: 1, item: 5, repeat: false },
      { kind: 'minimum-counts', session: 2, item: 1, repeat: false },
    ],
  }
  return {
    title: `the original files, with a column ${names.session}`,
    firstLine: names.session,
    inputs: [
      {
        files: {
          names: [
            'train-item-views.csv',
            'dataset-train-diginetica/train-item-views.csv',
            'sample_train-item-views.csv',
          ],
        },
        reading: { kind: 'delimited', delimiter: ';' },
      },
    ],
    lookups: [
      {
        files: { names: ['product-categories.csv', 'dataset-train-diginetica/product-categories.csv'] },
        optional: true,
        reading: { kind: 'delimited', delimiter: ';' },
        key: 'itemId',
        columns: [{ name: 'category', from: 'categoryId', type: 'text' }],
      },
    ],
    recipe,
  }
}

export const diginetica: Dataset = {
  name: 'diginetica',
  title: 'Diginetica (CIKM Cup 2016)',
  purpose: 'short sessions of a web shop; SR-GNN, GCE-GNN, NARM',
  size: '1,235,380 views, 310,324 sessions, 122,993 items',
  homepage: 'https://competitions.codalab.org/competitions/11161',
  licence: {
    name: 'terms of the CIKM Cup 2016',
    link: 'https://competitions.codalab.org/competitions/11161',
    mustAccept: true,
    mayRedistribute: 'not said',
  },
  source: {
    kind: 'by-hand',
    url: 'https://competitions.codalab.org/competitions/11161#learn_the_details-data2',
    how: 'Its place asks for a login: fetch and unpack it there, and pass the folder that holds train-item-views.csv with --from.',
  },
  layouts: [
    views({ session: 'sessionId', user: 'userId', item: 'itemId' }),
    views({ session: 'session_id', user: 'user_id', item: 'item_id' }),
    {
      title:
        "the split of GCE-GNN as text, already prepared, without times (column split: 'train' or 'test')",
      inputs: [
        {
          files: { names: ['train_sessions.txt'] },
          reading: { kind: 'session-lines' },
          constants: { split: 'train' },
          sessionPrefix: 'train-',
        },
        {
          files: { names: ['test_prefix_target.txt'] },
          reading: { kind: 'prefix-lines' },
          constants: { split: 'test' },
          sessionPrefix: 'test-',
        },
      ],
      recipe: {
        session: 'session',
        item: 'item',
        time: { kind: 'place' },
        columns: [{ name: 'split', type: 'text' }],
        derived: [],
        steps: [],
      },
    },
  ],
  preparation:
    'As SR-GNN (Wu et al. 2019): sessions of one view, then items with fewer than five views, then again sessions of one view are removed. The split by the ' +
    'last seven days is left to the user, but for the files of GCE-GNN, which have it. Differs: events are ordered by date and time, not by time alone.',
}
