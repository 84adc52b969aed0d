import { expect, test } from 'vitest'
import { checkWatched } from './check-watched.ts'

test.each(['ndcg@10', 'recall@20', 'precision@10', 'map@20', 'mrr@10'])('%s is measured', (metric) => {
  expect(() => checkWatched(metric, [10, 20], 20)).not.toThrow()
})

test.each([
  ['a cutoff that is not measured', 'ndcg@5', [10, 20]],
  ['another metric', 'accuracy@10', [10]],
  ['a name without a cutoff', 'ndcg', [10]],
  ['a cutoff above the catalogue', 'ndcg@21', [21]],
  ['no whole number', 'ndcg@1.5', [1.5]],
  ['no cutoff', 'ndcg@10', []],
])('%s is refused', (_, metric, ks) => {
  expect(() => checkWatched(metric, ks, 20)).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID' }) as Error,
  )
})
