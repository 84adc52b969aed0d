import type { Dataset } from './dataset.ts'

export const rees46: Dataset = {
  name: 'rees46',
  title: 'REES46 eCommerce behaviour, October 2019',
  purpose: 'a large shop with brands, categories and prices; Transformers4Rec by days',
  size: '42,448,764 events in October 2019',
  homepage: 'https://www.kaggle.com/datasets/mkechinov/ecommerce-behavior-data-from-multi-category-store',
  licence: {
    name: 'free to use, naming REES46 Marketing Platform and the page',
    link: 'https://www.kaggle.com/datasets/mkechinov/ecommerce-behavior-data-from-multi-category-store',
    mustAccept: true,
    mayRedistribute: 'not said',
  },
  source: {
    kind: 'files',
    files: [
      {
        name: '2019-Oct.csv.gz',
        url: 'https://data.rees46.com/datasets/marketplace/2019-Oct.csv.gz',
        mostBytes: 8e9,
      },
    ],
  },
  layouts: [
    {
      title: 'the original file',
      inputs: [{ files: { names: ['2019-Oct.csv', '2019-Oct_head.csv'] }, reading: { kind: 'delimited' } }],
      recipe: {
        session: 'user_session',
        item: 'product_id',
        time: { kind: 'instant', column: 'event_time' },
        columns: [
          { name: 'user', from: 'user_id', type: 'text' },
          { name: 'event_type', type: 'text' },
          { name: 'category_id', type: 'text' },
          { name: 'category_code', type: 'text' },
          { name: 'brand', type: 'text' },
          { name: 'price', type: 'number' },
        ],
        derived: [],
        steps: [
          { kind: 'drop-missing-sessions' },
          { kind: 'remove-repeats', which: 'consecutive' },
          { kind: 'minimum-counts', session: 2, item: 1, repeat: false },
        ],
        windows: { unit: 'day', by: 'calendar', minSessions: 1 },
      },
    },
  ],
  preparation:
    'As the tutorial of Transformers4Rec: events without a session are removed, of the same item several times in a row in a session the first stays, sessions of ' +
    'one event are removed, a session belongs to the day (UTC) on which it begins. Differs from the paper of 2021, whose script looked for repeats per user and thereby ' +
    "dropped each user's first event; its 3,268,268 sessions are not reproduced. valid and test are halves, as the paper says.",
}
