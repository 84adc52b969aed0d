import { expect, test } from 'vitest'
import { mae, r2, rmse } from './index.ts'

// targets, predictions, RMSE, MAE, R².
test.each<[string, number[], number[], number, number, number]>([
  ['exact', [1, 2, 3], [1, 2, 3], 0, 0, 1],
  ['the mean', [1, 2, 3], [2, 2, 2], Math.sqrt(2 / 3), 2 / 3, 0],
  ['worse than the mean', [1, 2, 3], [3, 2, 1], Math.sqrt(8 / 3), 4 / 3, -3],
  ['errors of 1 and −3', [0, 4], [1, 1], Math.sqrt(5), 2, 1 - 5 / 4],
  ['targets that are all alike', [5, 5], [4, 7], Math.sqrt(2.5), 1.5, NaN],
  ['none', [], [], NaN, NaN, NaN],
])('%s', (_, targets, predictions, ...expected) => {
  const received = [rmse, mae, r2].map((metric) => metric(Float32Array.from(targets), predictions))
  for (const [at, value] of expected.entries())
    if (Number.isNaN(value)) expect(received[at]).toBeNaN()
    else expect(received[at]).toBeCloseTo(value, 12)
})

test('the variance of large targets near each other does not cancel', () => {
  expect(r2([1e9, 1e9 + 1, 1e9 + 2], [1e9, 1e9 + 1, 1e9 + 1])).toBeCloseTo(0.5, 12)
})

test('targets that are alike have no variance, whatever their mean is rounded to', () => {
  expect(r2([0.1, 0.1, 0.1], [0.2, 0.1, 0.1])).toBeNaN()
})

test('lengths and predictions that do not fit are refused', () => {
  for (const metric of [rmse, mae, r2]) {
    expect(() => metric([1, 2], [1])).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error)
    expect(() => metric([1], [NaN])).toThrow(expect.objectContaining({ code: 'TRAINING_DIVERGED' }) as Error)
  }
})
