import type { Dataset } from './dataset.ts'
import { sasrecSteps } from './ml-1m.ts'

export const steam: Dataset = {
  name: 'steam',
  title: 'Steam reviews',
  purpose: 'reviews of games; leave one out (SASRec, BERT4Rec)',
  size: '7,793,069 reviews, 2,567,538 users, 15,474 games',
  homepage: 'https://cseweb.ucsd.edu/~jmcauley/datasets.html#steam_data',
  licence: {
    name: 'none stated; its papers (Kang and McAuley 2018, among others) are to be cited',
    link: 'https://cseweb.ucsd.edu/~jmcauley/datasets.html#steam_data',
    mustAccept: false,
    mayRedistribute: 'not said',
  },
  source: {
    kind: 'files',
    files: [
      {
        name: 'steam_reviews.json.gz',
        url: 'https://cseweb.ucsd.edu/~wckang/steam_reviews.json.gz',
        mostBytes: 8e9,
      },
    ],
  },
  layouts: [
    {
      title: 'the original file',
      inputs: [{ files: { names: ['steam_reviews.json'] }, reading: { kind: 'python-lines' } }],
      recipe: {
        session: 'username',
        item: 'product_id',
        time: { kind: 'instant', column: 'date' },
        columns: [],
        derived: [],
        steps: sasrecSteps,
      },
    },
  ],
  preparation:
    'As SASRec (Kang and McAuley 2018): users and games with fewer than five reviews, counted once, are removed. Times are days: events of one day keep the order of the file.',
}
