import type { Dataset } from './dataset.ts'
import { groupLensLicence } from './movielens.ts'

const genres = [
  'unknown',
  'Action',
  'Adventure',
  'Animation',
  "Children's",
  'Comedy',
  'Crime',
  'Documentary',
  'Drama',
  'Fantasy',
  'Film-Noir',
  'Horror',
  'Musical',
  'Mystery',
  'Romance',
  'Sci-Fi',
  'Thriller',
  'War',
  'Western',
]

export const ml100k: Dataset = {
  name: 'ml-100k',
  title: 'MovieLens 100K',
  purpose: 'a first try in seconds; ratings of films, users as sessions',
  size: '100,000 ratings, 943 users, 1,682 films',
  homepage: 'https://grouplens.org/datasets/movielens/100k/',
  licence: groupLensLicence('ml-100k'),
  source: {
    kind: 'files',
    files: [
      {
        name: 'u.data',
        url: 'https://files.grouplens.org/datasets/movielens/ml-100k/u.data',
        bytes: 1_979_173,
        sha256: '06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490',
        mostBytes: 1_979_173,
      },
      {
        name: 'u.item',
        url: 'https://files.grouplens.org/datasets/movielens/ml-100k/u.item',
        mostBytes: 1_000_000,
      },
    ],
  },
  layouts: [
    {
      title: 'the original files',
      inputs: [
        {
          files: { names: ['u.data', 'ml-100k/u.data'] },
          reading: {
            kind: 'delimited',
            columns: ['user', 'item', 'rating', 'timestamp'],
            delimiter: '\t',
          },
        },
      ],
      lookups: [
        {
          files: { names: ['u.item', 'ml-100k/u.item'] },
          optional: true,
          reading: {
            kind: 'delimited',
            columns: ['item', 'title', 'released', 'video', 'url', ...genres],
            delimiter: '|',
            encoding: 'latin-1',
          },
          key: 'item',
          columns: [
            { name: 'title', type: 'text' },
            {
              name: 'genres',
              type: 'text',
              flags: Object.fromEntries(genres.map((genre) => [genre, genre])),
            },
          ],
        },
      ],
      recipe: {
        session: 'user',
        item: 'item',
        time: { kind: 'number', column: 'timestamp', unit: 'seconds' },
        columns: [{ name: 'rating', type: 'integer' }],
        derived: [],
        steps: [],
      },
    },
  ],
  preparation: 'All ratings count as events, users are the sessions, in the order of time.',
}
