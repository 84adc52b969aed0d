import { expect, test } from 'vitest'
import { accuracy, logLoss, topKAccuracy } from './index.ts'

const classes = 3
const scores = Float32Array.of(
  ...[0.5, 0.25, 0.25], // first, then a tie of the others
  ...[0.125, 0.125, 0.75],
  ...[0.25, 0.5, 0.25],
)

// targets, then the share within k = 1, 2, 3.
test.each<[number[], number[]]>([
  [
    [0, 2, 1],
    [1, 1, 1],
  ],
  [
    [0, 2, 0],
    [2 / 3, 2 / 3, 1],
  ], // a tie of places 2 and 3 is at 2.5
  [
    [1, 0, 2],
    [0, 0, 1],
  ],
])('targets %j', (targets, expected) => {
  expect([1, 2, 3].map((k) => topKAccuracy(targets, scores, { classes, k }))).toEqual(expected)
  expect(accuracy(Int32Array.from(targets), scores, { classes })).toBe(expected[0])
})

test('a model that scores all classes alike is right about none', () => {
  expect(accuracy([0, 1, 2], new Float32Array(9), { classes })).toBe(0)
})

test('log loss is the mean of the logarithms, and finite for what was ruled out', () => {
  expect(logLoss([0, 2, 0], scores, { classes })).toBeCloseTo(
    (Math.log(2) - Math.log(0.75) + Math.log(4)) / 3,
    12,
  )
  expect(logLoss([1], [1, 0], { classes: 2 })).toBeCloseTo(-Math.log(1e-15), 12)
})

test('of no targets the metrics are NaN', () => {
  expect(accuracy([], new Float32Array(0), { classes })).toBeNaN()
  expect(topKAccuracy([], new Float32Array(0), { classes, k: 2 })).toBeNaN()
  expect(logLoss([], [], { classes })).toBeNaN()
})

test('targets, lengths and scores that do not fit are refused', () => {
  const code = (each: string): Error => expect.objectContaining({ code: each }) as Error
  for (const metric of [accuracy, logLoss]) {
    expect(() => metric([0, 1], scores, { classes })).toThrow(code('SHAPE_MISMATCH'))
    expect(() => metric([0, 1, 3], scores, { classes })).toThrow(code('OPTION_INVALID'))
    expect(() => metric([0, 1, 0.5], scores, { classes })).toThrow(code('OPTION_INVALID'))
    expect(() => metric([0], Float32Array.of(0, NaN, 0), { classes })).toThrow(code('TRAINING_DIVERGED'))
  }
  expect(() => topKAccuracy([0, 1, 2], scores, { classes, k: 0 })).toThrow(code('OPTION_INVALID'))
})
