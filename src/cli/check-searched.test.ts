import { expect, test } from 'vitest'
import { EnsuiteError } from '../errors.ts'
import { checkSearched } from './check-searched.ts'

const rate = { 'train.optimizer.learningRate': { from: 1e-4, to: 1e-2 } }

test.each([
  ['ndgc@10', {}, rate, "Did you mean 'ndcg@10'"],
  ['ndcg@7', { train: { ks: [5, 20] } }, rate, 'ndcg@5'],
  ['ndcg@20', { train: { ks: [5] } }, rate, 'ndcg@5'],
  ['price/rmse', {}, rate, "no trial measures 'price/rmse'"],
  ['price/rmse', { model: { heads: [{ kind: 'next-item' }] } }, rate, 'no trial measures'],
  ['gain@5', {}, { 'train.ks': { values: [[5], [10]] } }, 'no trial measures'],
  ['ndcg@10', {}, { 'train.epochs': { values: [1, 2] } }, "'train.epochs' would draw train.epochs"],
  ['ndcg@10', {}, { 'train.metric': { values: ['recall@10'] } }, 'give --metric'],
  [
    'ndcg@10',
    {},
    { train: { values: [{ batchSize: 8 }, { epochs: 2 }] } },
    "'train' would draw train.epochs",
  ],
] as const)('metric %s of %j, searched over %j, is refused', (metric, config, space, says) => {
  const refused = (): void => checkSearched(space, { metric, direction: 'higher', config })
  expect(refused).toThrow(EnsuiteError)
  expect(refused).toThrow(says)
})

test.each([
  ['ndcg@10', {}, rate],
  ['recall@20', {}, rate],
  ['recall@5', { train: { ks: [5] } }, rate],
  ['recall@7', {}, { 'train.ks': { values: [[7], [7, 10]] } }],
  ['price/rmse', { model: { heads: [{ kind: 'regression' }] } }, rate],
  ['price/rmse', {}, { 'model.heads': { values: [[{ kind: 'regression' }]] } }],
  ['ndcg@10', {}, { train: { values: [{ batchSize: 8 }] } }],
] as const)('metric %s of %j, searched over %j, is left to the trials', (metric, config, space) => {
  expect(() => checkSearched(space, { metric, direction: 'higher', config })).not.toThrow()
})

test('a search goes the way of its metric', () => {
  const lower = (metric: string, config = {}): void =>
    checkSearched(rate, { metric, direction: 'lower', config })
  expect(() => {
    lower('ndcg@10')
  }).toThrow("'ndcg@10' is better the higher: give --direction higher.")
  // Which way the metric of another head goes its trials know.
  expect(() => {
    lower('price/rmse', { model: { heads: [{ kind: 'regression' }] } })
  }).not.toThrow()
})
