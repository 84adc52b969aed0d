import type { Dataset } from './dataset.ts'
import { groupLensLicence, groupLensZip } from './movielens.ts'

export const ml20m: Dataset = {
  name: 'ml-20m',
  title: 'MovieLens 20M',
  purpose: 'long histories at scale; leave one out (BERT4Rec, HSTU)',
  size: '20,000,263 ratings, 138,493 users, 26,744 films',
  homepage: 'https://grouplens.org/datasets/movielens/20m/',
  licence: groupLensLicence('ml-20m'),
  source: groupLensZip('ml-20m', { bytes: 4e8, unpacked: 4e9 }),
  layouts: [
    {
      title: 'the original files',
      inputs: [{ files: { names: ['ratings.csv', 'ml-20m/ratings.csv'] }, reading: { kind: 'delimited' } }],
      lookups: [
        {
          files: { names: ['movies.csv', 'ml-20m/movies.csv'] },
          optional: true,
          reading: { kind: 'delimited' },
          key: 'movieId',
          columns: [
            { name: 'title', type: 'text' },
            { name: 'genres', type: 'text', missing: '(no genres listed)' },
          ],
        },
      ],
      recipe: {
        session: 'userId',
        item: 'movieId',
        time: { kind: 'number', column: 'timestamp', unit: 'seconds' },
        columns: [{ name: 'rating', type: 'number' }],
        derived: [],
        steps: [],
      },
    },
  ],
  preparation:
    'As BERT4Rec (Sun et al. 2019): every rating is an event, users are the sessions; all users have 20 ratings or more, no film is removed.',
}
