import fc from 'fast-check'
import { expect, test } from 'vitest'
import { atThreshold, auc, logLoss } from './index.ts'

// targets, scores, AUC by counting pairs.
test.each<[string, number[], number[], number]>([
  ['all right', [0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], 1],
  ['all wrong', [1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4], 0],
  ['three pairs of four', [0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], 0.75],
  ['all tied', [0, 1, 0, 1, 1], [7, 7, 7, 7, 7], 0.5],
  ['a tie counts half', [0, 1, 0, 1], [1, 1, 0, 2], 0.875],
  ['negative and infinite scores', [1, 0, 1, 0], [-1, -Infinity, Infinity, 3], 0.75],
  ['negative zero ties with zero', [1, 0], [-0, 0], 0.5],
])('auc: %s', (_, targets, scores, expected) => {
  expect(auc(targets, Float32Array.from(scores))).toBe(expected)
})

test('auc equals the count over all pairs', () => {
  const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: -4, max: 4 })), {
    minLength: 1,
    maxLength: 60,
  })
  fc.assert(
    fc.property(pairs, (rows) => {
      const positives = rows.filter(([target]) => target === 1)
      const negatives = rows.filter(([target]) => target === 0)
      let wins = 0
      for (const [, high] of positives)
        for (const [, low] of negatives) wins += high > low ? 1 : high === low ? 0.5 : 0
      const received = auc(
        rows.map(([target]) => target),
        rows.map(([, score]) => score),
      )
      expect(received).toEqual(wins / (positives.length * negatives.length))
    }),
    { seed: 1 },
  )
})

test('where there is nothing to compare the metrics are NaN', () => {
  for (const targets of [[], [1, 1], [0, 0]]) expect(auc(targets, targets)).toBeNaN()
  expect(logLoss([], [])).toBeNaN()
  expect(atThreshold([], [])).toEqual({ accuracy: NaN, precision: NaN, recall: NaN, f1: NaN })
  expect(atThreshold([0, 0], [0, 0])).toEqual({ accuracy: 1, precision: NaN, recall: NaN, f1: NaN })
  expect(atThreshold([1, 0], [0, 0])).toEqual({ accuracy: 0.5, precision: NaN, recall: 0, f1: 0 })
})

test('log loss is the mean of the logarithms, and finite for what is sure and wrong', () => {
  expect(logLoss([1, 0], [0.5, 0.75])).toBeCloseTo((Math.log(2) + Math.log(4)) / 2, 12)
  expect(logLoss([1], [1])).toBeCloseTo(0, 12)
  expect(logLoss([1, 0], [0, 1])).toBeCloseTo(-Math.log(1e-15), 1)
  expect(logLoss([0], [1e-12])).toBeCloseTo(1e-12, 20)
})

// Two hits, one false alarm, one miss, one right 0.
test('accuracy, precision, recall and F1 at a threshold', () => {
  const [targets, scores] = [Uint8Array.of(1, 1, 0, 1, 0), Float32Array.of(0.5, 0.9, 0.6, 0.4, 0.1)]
  expect(atThreshold(targets, scores)).toEqual({ accuracy: 0.6, precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 })
  const low = atThreshold(targets, scores, { threshold: 0.2 })
  expect(low).toEqual({ accuracy: 0.8, precision: 0.75, recall: 1, f1: 6 / 7 })
})

test('targets, lengths and predictions that do not fit are refused', () => {
  for (const metric of [auc, logLoss, atThreshold]) {
    const code = (each: string): Error => expect.objectContaining({ code: each }) as Error
    expect(() => metric([0, 1], [0.5])).toThrow(code('SHAPE_MISMATCH'))
    expect(() => metric([0, 1], undefined as never)).toThrow(code('OPTION_INVALID'))
    expect(() => metric([0, 2], [0.5, 0.5])).toThrow(code('OPTION_INVALID'))
    expect(() => metric([0, NaN], [0.5, 0.5])).toThrow(code('OPTION_INVALID'))
    expect(() => metric([0, 1], [0.5, NaN])).toThrow(code('TRAINING_DIVERGED'))
  }
})
