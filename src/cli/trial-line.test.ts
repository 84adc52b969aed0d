import { expect, test } from 'vitest'
import { trialLine } from './trial-line.ts'

const record = { trial: 7, budget: 3, settings: {}, seconds: 5 }
const of = (done: number, ran: number) => ({ metric: 'ndcg@10', done, ran, total: 10, seconds: 20 })

test('what is left is told by the trials that were run here alone', () => {
  // Six of ten have ended, two of them here in 20 seconds: four more take 40.
  expect(trialLine({ ...record, value: 0.12345 }, of(6, 2))).toBe(
    'trial 7, 3 epochs: ndcg@10 0.1235, 5.0 s · 6 of 10, 40 s left',
  )
  expect(trialLine({ ...record, value: 0.5 }, of(4, 0))).toBe(
    'trial 7, 3 epochs: ndcg@10 0.5000, 5.0 s · 4 of 10',
  )
  const error = { code: 'TRAINING_DIVERGED', message: 'no number' }
  expect(trialLine({ ...record, error }, of(1, 1))).toContain('failed, no number, 5.0 s · 1 of 10, ')
})
