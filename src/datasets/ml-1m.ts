import type { PreparationStep } from '../events/index.ts'
import type { Dataset } from './dataset.ts'
import { groupLensLicence, groupLensZip } from './movielens.ts'

/** SASRec's: users and items with fewer than five events go, counted once before. */
export const sasrecSteps: readonly PreparationStep[] = [
  { kind: 'minimum-counts', session: 5, item: 5, repeat: false },
]

const movies = {
  files: { names: ['movies.dat', 'ml-1m/movies.dat'] },
  optional: true,
  reading: {
    kind: 'delimited',
    columns: ['item', 'title', 'genres'],
    delimiter: '::',
    encoding: 'latin-1',
  },
  key: 'item',
  columns: [
    { name: 'title', type: 'text' },
    { name: 'genres', type: 'text' },
  ],
} as const

export const ml1m: Dataset = {
  name: 'ml-1m',
  title: 'MovieLens 1M',
  purpose: 'the anchor of sequential recommendation (SASRec, BERT4Rec); long histories, leave one out',
  size: '1,000,209 ratings, 6,040 users, 3,706 films; 999,611 and 3,416 after preparation',
  homepage: 'https://grouplens.org/datasets/movielens/1m/',
  licence: groupLensLicence('ml-1m'),
  source: groupLensZip('ml-1m', { bytes: 1e7, unpacked: 1e8 }),
  layouts: [
    {
      title: 'the original files',
      inputs: [
        {
          files: { names: ['ratings.dat', 'ml-1m/ratings.dat'] },
          reading: {
            kind: 'delimited',
            columns: ['user', 'item', 'rating', 'timestamp'],
            delimiter: '::',
          },
        },
      ],
      lookups: [movies],
      recipe: {
        session: 'user',
        item: 'item',
        time: { kind: 'number', column: 'timestamp', unit: 'seconds' },
        columns: [{ name: 'rating', type: 'integer' }],
        derived: [],
        steps: sasrecSteps,
      },
    },
    {
      title: "SASRec's order with ratings and times that are partly estimated",
      inputs: [{ files: { names: ['events.tsv', 'ml-1m/events.tsv'] }, reading: { kind: 'delimited' } }],
      lookups: [movies],
      recipe: {
        session: 'orig_user',
        item: 'orig_movie',
        time: { kind: 'number', column: 'timestamp', unit: 'seconds' },
        columns: [
          { name: 'rating', type: 'integer' },
          { name: 'time_exact', from: 'ts_exact', type: 'integer' },
        ],
        derived: [],
        steps: sasrecSteps,
      },
    },
    {
      title: "SASRec's file, without times",
      inputs: [
        {
          files: { names: ['ml-1m.txt', 'ml-1m/ml-1m.txt'] },
          reading: { kind: 'delimited', columns: ['user', 'item'], delimiter: ' ' },
        },
      ],
      recipe: {
        session: 'user',
        item: 'item',
        time: { kind: 'place' },
        columns: [],
        derived: [],
        steps: sasrecSteps,
      },
    },
  ],
  preparation:
    'As SASRec (Kang and McAuley 2018): every rating is an event, users are the sessions, films with fewer than five ratings are removed.',
}
