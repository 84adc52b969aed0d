import { describe, expect, test } from 'vitest'
import { sasrec } from '../blocks/index.ts'
import { RESERVED } from '../codes.ts'
import { evaluateHeads, evaluateRanking, modelScorer } from '../evaluate/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { binary, multiClass, nextItem, regression, type Head } from '../heads/index.ts'
import { causal } from '../masking/index.ts'
import { model } from '../model.ts'
import { createRandom } from '../random.ts'
import { ITEMS, randomSessions, sessionsOf } from './tiny-model.test-support.ts'
import { train } from './train.ts'
import type { TrainOptions } from './train-options.ts'

const runtime = nodeRuntime({ threads: 2 })

/** Sessions with a colour, a click and a price that follow from the item before. */
function sessionsWith(count: number, seed: number) {
  const sessions = sessionsOf(randomSessions(count, seed))
  const random = createRandom(seed, 7)
  const before = sessions.items.map((_, at) => (at === 0 ? 2 : sessions.items[at - 1]!))
  return {
    ...sessions,
    categorical: { colour: before.map((item) => RESERVED + (item % 3)) },
    continuous: {
      click: Float32Array.from(before, (item) => item % 2),
      price: Float32Array.from(before, (item) => (item % 5) + random.normal()),
    },
  }
}

const training = sessionsWith(120, 1)
const validation = sessionsWith(60, 2)
const modelOf = (heads: readonly Head[]) =>
  model(
    { items: ITEMS + RESERVED, categorical: { colour: 3 + RESERVED }, continuous: ['click', 'price'] },
    { masking: causal(), block: sasrec({ width: 8, layers: 1, heads: 2 }), heads, maxLength: 8 },
  )
const others = [
  binary({ target: 'click' }),
  multiClass({ target: 'colour', classes: 3, summary: 'mean' }),
  regression({ target: 'price', summary: 'last' }),
]
const full = modelOf([nextItem(), ...others])
const options: TrainOptions = {
  runtime,
  validation,
  epochs: 3,
  batchSize: 32,
  optimizer: { learningRate: 0.01 },
}

const metrics = {
  click: ['auc', 'logLoss', 'accuracy', 'precision', 'recall', 'f1'],
  colour: ['accuracy', 'logLoss'],
  price: ['rmse', 'mae', 'r2'],
}
const named = Object.entries(metrics).flatMap(([head, all]) => all.map((metric) => `${head}/${metric}`))

test('a record has the metrics of every head, as evaluating the weights gives them', async () => {
  const trained = await train(full, training, { ...options, metric: 'price/rmse' })
  const record = trained.history[trained.best!.epoch - 1]!.validation!
  expect(Object.keys(record)).toEqual(
    expect.arrayContaining(['ndcg@10', 'mrr@10', ...named.filter((name) => name !== 'click/precision')]),
  )
  const measured = await evaluateHeads(trained, validation, { runtime })
  for (const [head, { metrics: own }] of Object.entries(measured))
    for (const [name, value] of Object.entries(own)) expect(record[`${head}/${name}`]).toBe(value)
  const scorer = await modelScorer(full, runtime, trained.weights)
  const ranked = await evaluateRanking(scorer, validation, { items: ITEMS, maxLength: 8, ks: [10] })
  await scorer.close()
  expect(record['ndcg@10']).toBe(ranked['ndcg@10'])
})

describe('the best epoch', () => {
  // Steps that are too large, so that metrics go up and down.
  const wild = { ...options, epochs: 6, optimizer: { learningRate: 0.1 } }
  test.each([
    ['price/rmse', Math.min],
    ['click/logLoss', Math.min],
    ['click/auc', Math.max],
    ['colour/accuracy', Math.max],
    ['ndcg@10', Math.max],
  ] as const)('by %s is that of the right end', async (metric, end) => {
    const { history, best } = await train(full, training, { ...wild, metric })
    const values = history.map(({ validation: record }) => record![metric]!)
    expect(new Set(values).size).toBeGreaterThan(1)
    expect(best).toMatchObject({ epoch: values.indexOf(end(...values)) + 1, metric: end(...values) })
  })

  test('of weights that stand still is the first, whichever way is better', async () => {
    const still = { ...options, epochs: 5, patience: 2, optimizer: { learningRate: 0 }, metric: 'price/mae' }
    const { history, best } = await train(full, training, still)
    expect(history).toHaveLength(3)
    expect(best!.epoch).toBe(1)
  })
})

describe('a model without an item head', () => {
  test.each(others.map((head, at) => [head.name, ['click/auc', 'colour/accuracy', 'price/rmse'][at]!]))(
    'whose first head is %s is validated by %s',
    async (name, metric) => {
      const first = others.filter((head) => head.name === name)
      const own = modelOf([...first, ...others.filter((head) => head.name !== name)])
      const { history, best } = await train(own, training, options)
      expect(Object.keys(history[0]!.validation!).some((each) => each.includes('@'))).toBe(false)
      expect(history[best!.epoch - 1]!.validation![metric]).toBe(best!.metric)
    },
  )

  test('learns from sessions alone, where all its heads do', async () => {
    const own = modelOf([regression({ target: 'price', summary: 'attention' })])
    const { history } = await train(own, training, { ...options, epochs: 6 })
    expect(history.at(-1)!.loss).toBeLessThan(0.9 * history[0]!.loss)
  })

  test.each<[string, object, RegExp]>([
    ['cutoffs', { ks: [5] }, /'ks' is of ranking items/],
    ['filterSeen', { filterSeen: false }, /'filterSeen' is of ranking items/],
    ['a metric of ranking', { metric: 'ndcg@10' }, /not measured. Choose one of click\/auc, .*price\/r2\.$/],
    ['a metric that is none', { metric: 'price/auc' }, /price\/rmse, price\/mae, price\/r2/],
  ])('has no %s', async (_, change, message) => {
    const trained = train(modelOf(others), training, { ...options, ...change })
    await expect(trained).rejects.toThrow(message)
    await expect(trained).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
})
