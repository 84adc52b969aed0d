import type { Dataset } from './dataset.ts'

export const retailrocket: Dataset = {
  name: 'retailrocket',
  title: 'Retailrocket',
  purpose: 'views of a web shop over four months; GRU4Rec, session-rec',
  size: '2,756,101 events, 1,407,580 visitors, 235,061 items',
  homepage: 'https://www.kaggle.com/datasets/retailrocket/ecommerce-dataset',
  licence: {
    name: 'CC BY-NC-SA 4.0',
    link: 'https://creativecommons.org/licenses/by-nc-sa/4.0/',
    mustAccept: true,
    mayRedistribute: 'yes',
  },
  source: {
    kind: 'by-hand',
    url: 'https://www.kaggle.com/datasets/retailrocket/ecommerce-dataset',
    how: 'Its place asks for a login: fetch and unpack it there, and pass the folder that holds events.csv with --from.',
  },
  layouts: [
    {
      title: 'the original files',
      inputs: [
        { files: { names: ['events.csv', 'retailrocket/events.csv'] }, reading: { kind: 'delimited' } },
      ],
      recipe: {
        session: 'visitorid',
        item: 'itemid',
        time: { kind: 'number', column: 'timestamp', unit: 'milliseconds' },
        columns: [
          { name: 'event', type: 'text', hidden: true },
          { name: 'visitor', from: 'visitorid', type: 'text' },
        ],
        derived: [],
        steps: [
          { kind: 'keep', column: 'event', value: 'view' },
          { kind: 'sessions-by-pause', minutes: 60 },
          { kind: 'remove-repeats', which: 'consecutive' },
          { kind: 'minimum-counts', session: 2, item: 5, repeat: true },
        ],
      },
    },
  ],
  preparation:
    'As the comparison of GRU4Rec implementations (Hidasi and Czapp 2023): views only, a pause of more than an hour begins another session, of the same item ' +
    'several times in a row the first stays, sessions of one event and items with fewer than five are removed until nothing changes.',
}
