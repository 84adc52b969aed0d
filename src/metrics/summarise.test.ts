import { expect, test } from 'vitest'
import { averagePrecision, ndcg, precision, recall, reciprocalRank } from './index.ts'
import { errorsOf, meansOf, sessionValues, standardErrors, summarise } from './summarise.ts'

// Four sessions: first place, third, a tie over places 3 and 4, and out of reach.
const ranks = [1, 3, 3.5, 8]
const metrics = [ndcg(5), recall(5), recall(3), precision(5), averagePrecision(5), reciprocalRank(5)]
const fractional = 0.46084542061837025 // ln 2 / ln 4.5

test('the mean of a table worked out by hand', () => {
  const result = summarise(ranks, metrics)
  expect(Object.keys(result)).toEqual(['ndcg@5', 'recall@5', 'recall@3', 'precision@5', 'map@5', 'mrr@5'])
  expect(result['ndcg@5']).toBeCloseTo((1 + 0.5 + fractional + 0) / 4, 12)
  expect(result['recall@5']).toBeCloseTo(0.75, 12)
  expect(result['recall@3']).toBeCloseTo(0.5, 12)
  expect(result['precision@5']).toBeCloseTo(0.15, 12)
  expect(result['map@5']).toBeCloseTo((1 + 1 / 3 + 2 / 7 + 0) / 4, 12)
  expect(result['mrr@5']).toBe(result['map@5'])
})

test('values per session keep the order of the ranks', () => {
  const values = sessionValues(ranks, metrics)
  expect(values['recall@3']).toEqual(Float64Array.of(1, 1, 0, 0))
  expect(values['ndcg@5']![2]).toBeCloseTo(fractional, 12)
})

test('the standard error by hand', () => {
  const errors = standardErrors(ranks, metrics)
  // recall@5: 1 1 1 0, mean 3/4, squares 3/16 + 9/16 = 3/4, variance 1/4, over 4 sessions 1/16.
  expect(errors['recall@5']).toBeCloseTo(0.25, 12)
  // recall@3: 1 1 0 0, squares 1, variance 1/3, over 4 sessions 1/12.
  expect(errors['recall@3']).toBeCloseTo(Math.sqrt(1 / 12), 12)
  expect(errors['precision@5']).toBeCloseTo(0.05, 12)
})

test('one session has a mean and no standard error; no session has neither', () => {
  expect(summarise([2], [recall(2)])).toEqual({ 'recall@2': 1 })
  expect(standardErrors([2], [recall(2)])).toEqual({})
  expect(() => summarise([], [recall(2)])).toThrow(
    expect.objectContaining({ code: 'SESSIONS_TOO_FEW' }) as Error,
  )
})

test('typed arrays of ranks are taken as they are', () => {
  expect(summarise(Float64Array.from(ranks), metrics)).toEqual(summarise(ranks, metrics))
})

test.each<[string, () => unknown, RegExp]>([
  ['no ranks', () => summarise(undefined as never, metrics), /summarise: ranks expects a list.*undefined/],
  ['a number', () => standardErrors(5 as never, metrics), /standardErrors: ranks expects a list.*received 5/],
  ['no metrics', () => sessionValues(ranks, undefined as never), /sessionValues: metrics expects a list of/],
  ['a name', () => summarise(ranks, ['ndcg@10'] as never), /summarise: metrics expects .*received a list/],
  ['no values', () => meansOf(5 as never), /meansOf expects lists of values.*received 5/],
  ['a value', () => errorsOf({ 'ndcg@10': 0.5 } as never), /errorsOf: ndcg@10 expects a list.*received 0.5/],
])('%s is refused', (_, call, message) => {
  expect(call).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
  expect(call).toThrow(message)
})
