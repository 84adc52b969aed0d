import type { Recipe } from '../events/index.ts'
import type { Dataset } from './dataset.ts'

const prepared: Pick<Recipe, 'derived' | 'steps' | 'windows'> = {
  derived: [],
  steps: [
    { kind: 'remove-repeats', which: 'consecutive' },
    { kind: 'minimum-counts', session: 2, item: 1, repeat: false },
  ],
  windows: { unit: 'day', by: 'first-event', minSessions: 1 },
}

const sample = (split: 'train' | 'test', name: string) => ({
  files: { names: [`yoochoose-clicks-100k_${name}.txt`, `rsc15/prepared/yoochoose-clicks-100k_${name}.txt`] },
  reading: { kind: 'delimited', delimiter: '\t' } as const,
  constants: { split },
})

export const yoochoose: Dataset = {
  name: 'yoochoose',
  title: 'YOOCHOOSE (RecSys Challenge 2015)',
  purpose: 'sessions of a web shop over half a year; Transformers4Rec by days, GRU4Rec, SR-GNN',
  size: '33,003,944 clicks, 9,249,729 sessions, 52,739 items; 26,478,390 in 6,756,575 sessions after preparation',
  homepage: 'https://www.kaggle.com/datasets/chadgostopp/recsys-challenge-2015',
  licence: {
    name: 'CC BY-NC-ND 4.0',
    link: 'https://creativecommons.org/licenses/by-nc-nd/4.0/',
    mustAccept: true,
    mayRedistribute: 'not said',
  },
  source: {
    kind: 'by-hand',
    url: 'https://www.kaggle.com/datasets/chadgostopp/recsys-challenge-2015',
    how: 'Its place asks for a login: fetch and unpack it there, and pass the folder that holds yoochoose-clicks.dat with --from.',
  },
  layouts: [
    {
      title: 'the original files',
      inputs: [
        {
          files: { names: ['yoochoose-clicks.dat', 'yoochoose-data/yoochoose-clicks.dat'] },
          reading: {
            kind: 'delimited',
            columns: ['session', 'timestamp', 'item', 'category'],
            delimiter: ',',
          },
        },
      ],
      recipe: {
        session: 'session',
        item: 'item',
        time: { kind: 'instant', column: 'timestamp' },
        columns: [{ name: 'category', type: 'text' }],
        ...prepared,
      },
    },
    {
      title: 'the sample of session-rec, 100,000 clicks, prepared',
      inputs: [sample('train', 'train_full'), sample('test', 'test')],
      recipe: {
        session: 'SessionId',
        item: 'ItemId',
        time: { kind: 'number', column: 'Time', unit: 'seconds' },
        columns: [{ name: 'split', type: 'text' }],
        ...prepared,
      },
    },
  ],
  preparation:
    'As Transformers4Rec (2021): of the same item several times in a row the first stays, sessions of one event are removed, a session belongs to the ' +
    'day of 24 hours, counted from the first click of all, in which it begins. valid and test are halves, as the paper says (its notebook took a tenth each).',
}
