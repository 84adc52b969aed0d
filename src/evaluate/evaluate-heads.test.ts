import { describe, expect, test } from 'vitest'
import { sasrec } from '../blocks/index.ts'
import type { Sessions } from '../data/sessions.ts'
import { nodeRuntime } from '../graph/node.ts'
import { binary, headKinds, multiClass, nextItem, regression, type Head } from '../heads/index.ts'
import { causal } from '../masking/index.ts'
import { model } from '../model.ts'
import { createRandom } from '../random.ts'
import { evaluateHeads } from './evaluate-heads.ts'
import { evaluateRanking } from './evaluate-ranking.ts'
import { headMeasures, measureOf } from './head-measures/index.ts'
import { modelScorer } from './model-scorer.ts'
import { sessionsOf } from './sessions-of.test-support.ts'

const runtime = nodeRuntime({ threads: 1 })
const schema = { items: 9, categorical: { colour: 5, size: 9 }, continuous: ['click', 'price'] }

/** A model that says the same of every session: the heads' weights are 0, and `biases` are what they compute. */
function constantModel(heads: readonly Head[], biases: Readonly<Record<string, readonly number[]>>) {
  const made = model(schema, {
    masking: causal(),
    block: sasrec({ width: 4, layers: 1, heads: 1 }),
    heads,
    maxLength: 4,
  })
  const random = createRandom(1)
  const weights = Object.fromEntries(
    made.parameters.map(({ name, shape }) => {
      const head = /^head\.(.+)\.out\.(weight|bias)$/.exec(name)
      const values = new Float32Array(shape.reduce((all, dim) => all * dim, 1))
      if (head === null) return [name, values.map(() => random.normal())]
      return [name, head[2] === 'bias' ? Float32Array.from(biases[head[1]!]!) : values]
    }),
  )
  return { model: made, weights }
}

/** Sessions of two events; the features of the second ones are given. */
function sessionsWith(last: Readonly<Record<'click' | 'price' | 'colour', readonly number[]>>): Sessions {
  const before = (values: readonly number[], first: number): readonly number[] =>
    values.flatMap((value) => [first, value])
  return {
    ...sessionsOf(last.click.map(() => [2, 3])),
    categorical: {
      colour: Int32Array.from(before(last.colour, 4)),
      size: Int32Array.from(before(last.colour, 2)),
    },
    continuous: {
      click: Float32Array.from(before(last.click, 7)),
      price: Float32Array.from(before(last.price, -9)),
    },
  }
}

const sessions = sessionsWith({ click: [1, 0, 1, 0], price: [1, 2, 3, 6], colour: [2, 3, 1, 2] })
const baseline = sessionsWith({
  click: [1, 0, 0, 0, 0, 0, 0],
  price: [2, 2, 2, 2, 2, 2, 9],
  colour: [2, 2, 2, 2, 3, 1, 1],
})
const close = (value: number): number => expect.closeTo(value, 6) as number

const heads = [
  binary({ target: 'click' }),
  multiClass({ target: 'colour', classes: 3, summary: 'mean' }),
  multiClass({ target: 'size', classes: 7 }),
  regression({ target: 'price', summary: 'last' }),
]
const trained = constantModel([nextItem(), ...heads], {
  click: [Math.log(3)],
  colour: [0, Math.log(2), 0],
  size: [0, 0, 0, 0, 0, 0, 0],
  price: [4],
})

test('every metric worked out by hand, beside the constant of the training sessions', async () => {
  const result = await evaluateHeads(trained, sessions, { runtime, baseline })
  expect(Object.keys(result)).toEqual(['click', 'colour', 'size', 'price'])
  // Always 3/4. Of the baseline one in seven, with half a target of each kind added: 1.5 of 8.
  const rate = 1.5 / 8
  expect(result['click']).toEqual({
    kind: 'binary',
    target: 'click',
    targets: 4,
    missing: 0,
    metrics: {
      auc: 0.5,
      logLoss: close(-(Math.log(3 / 4) + Math.log(1 / 4)) / 2),
      accuracy: 0.5,
      precision: 0.5,
      recall: 1,
      f1: close(2 / 3),
    },
    // No precision: none is predicted 1.
    constant: {
      auc: 0.5,
      logLoss: close(-(Math.log(rate) + Math.log(1 - rate)) / 2),
      accuracy: 0.5,
      recall: 0,
      f1: 0,
    },
    // Of a 1 the head gains ln 4 (3/4 over 1.5/8), of a 0 it loses ln 3.25 (6.5/8 over 1/4).
    gain: {
      mean: close((Math.log(4) - Math.log(3.25)) / 2),
      standardError: close((Math.log(4) + Math.log(3.25)) / 2 / Math.sqrt(3)),
    },
    beatsConstant: false,
  })
  // Of 1/4, 1/2, 1/4, with the targets 0, 1, 0. Of the baseline 4 and 1 of 5, with half a target of each class added.
  expect(result['colour']).toEqual({
    kind: 'multi-class',
    target: 'colour',
    targets: 3,
    missing: 1,
    metrics: { accuracy: close(1 / 3), logLoss: close((2 * Math.log(4) + Math.log(2)) / 3) },
    constant: {
      accuracy: close(2 / 3),
      logLoss: close(-(2 * Math.log(4.5 / 6.5) + Math.log(1.5 / 6.5)) / 3),
    },
    gain: expect.anything() as object,
    beatsConstant: false,
  })
  // Seven classes tied for the places 1 to 7: each is at 4, among five.
  expect(result['size']!.metrics).toEqual({ accuracy: 0, 'accuracy@5': 1, logLoss: close(Math.log(7)) })
  // Always 4, against 1, 2, 3 and 6 of the mean 3. Of the baseline always 3.
  expect(result['price']).toEqual({
    kind: 'regression',
    target: 'price',
    targets: 4,
    missing: 0,
    metrics: { rmse: close(Math.sqrt(18 / 4)), mae: close(2), r2: close(1 - 18 / 14) },
    constant: { rmse: close(Math.sqrt(14 / 4)), mae: close(6 / 4), r2: close(0) },
    // (3 − y)² − (4 − y)², of 1, 2, 3 and 6.
    gain: { mean: close((-5 - 3 - 1 + 5) / 4), standardError: close(Math.sqrt((16 + 4 + 0 + 36) / 3 / 4)) },
    beatsConstant: false,
  })
  expect(JSON.parse(JSON.stringify(result))).toEqual(result)
})

test('the size of a batch changes nothing, and without a baseline nothing is compared', async () => {
  const seen: unknown[] = []
  const onProgress = (progress: object): void => void seen.push(progress)
  const whole = await evaluateHeads(trained, sessions, { runtime })
  const single = await evaluateHeads(trained, sessions, { runtime, batchSize: 1, onProgress })
  for (const name of Object.keys(whole)) {
    expect(Object.keys(whole[name]!)).toEqual(['kind', 'target', 'targets', 'missing', 'metrics'])
    for (const [metric, value] of Object.entries(whole[name]!.metrics))
      expect(single[name]!.metrics[metric], metric).toBeCloseTo(value, 6)
  }
  expect(seen).toEqual([1, 2, 3, 4].map((done) => ({ done, total: 4 })))
})

test('metrics that cannot be told are left out', async () => {
  const alike = sessionsWith({ click: [0, 0], price: [5, 5], colour: [1, 0] })
  const result = await evaluateHeads(trained, alike, { runtime, baseline, threshold: 0.8 })
  // 3/4 is below the threshold: none is predicted 1, and none is.
  expect(result['click']!.metrics).toEqual({ logLoss: close(Math.log(4)), accuracy: 1 })
  expect(result['price']!.metrics).toEqual({ rmse: close(1), mae: close(1) })
  expect(result['colour']).toMatchObject({ targets: 0, missing: 2, metrics: {}, beatsConstant: false })
})

test('unknown items are skipped before the target, which counts itself', async () => {
  const unknown = { ...sessions, items: Int32Array.of(2, 1, 1, 3, 1, 1, 2, 3) }
  const result = await evaluateHeads(trained, unknown, { runtime, baseline })
  // The first and the last session have something known before the target.
  expect(result['price']).toMatchObject({ targets: 2, metrics: { rmse: close(Math.sqrt((9 + 4) / 2)) } })
  expect(result['price']!.constant!['rmse']).toBeCloseTo(Math.sqrt((4 + 9) / 2), 6)
})

describe('the constant is what the loss of the head is least for', () => {
  const targets = Float64Array.of(0, 1, 1, 4, 34)
  const logs = targets.map(Math.log1p)
  const sum = (values: Float64Array): number => values.reduce((all, each) => all + each, 0)
  test.each<[string, Parameters<typeof regression>[0], number]>([
    ['squared error', { target: 'price' }, 8],
    ['squared error of logarithms', { target: 'price', log1p: true }, Math.expm1(sum(logs) / 5)],
    ['Poisson', { target: 'price', loss: 'poisson' }, 8],
    // At 1.5 the distances, cut off at 1, add up to nothing: 1 + 0.5 + 0.5 − 1 − 1.
    ['Huber', { target: 'price', loss: 'huber' }, 1.5],
    ['Huber that is wide', { target: 'price', loss: 'huber', delta: 1000 }, 8],
  ])('%s', (_, options, expected) => {
    const head = regression(options)
    expect(measureOf(head).constant(head, targets)[0]).toBeCloseTo(expected, 5)
  })

  test('a binary target is above 0, or the code that is named', () => {
    const given = Int32Array.of(0, 1, 2, 3)
    const above = binary({ target: 'click' })
    const named = binary({ target: 'colour', positive: 3 })
    expect([...measureOf(above).targets(above, given)]).toEqual([0, 1, 1, 1])
    expect([...measureOf(named).targets(named, given)]).toEqual([NaN, NaN, 0, 1])
  })
})

test('every kind of head that scores no items has a measure, with its main metric among its own', () => {
  expect(Object.keys(headMeasures).sort()).toEqual(headKinds.filter((kind) => kind !== 'next-item').sort())
  for (const head of heads) {
    const measure = measureOf(head)
    const metrics = measure.metrics(head, { threshold: 0.5, ks: [5] })
    expect(Object.keys(metrics)).toContain(measure.main)
    const tally = measure.tally(head, { threshold: 0.5, ks: [5] })
    tally.add(Float64Array.of(1), new Float32Array(head.classes ?? 1).fill(1 / (head.classes ?? 1)))
    expect(Object.keys(tally.values()).sort()).toEqual(Object.keys(metrics).sort())
  }
})

test.each<[string, object, string]>([
  ['a batch of none', { batchSize: 0 }, 'OPTION_INVALID'],
  ['a threshold above 1', { threshold: 1.5 }, 'OPTION_INVALID'],
  ['a cutoff of 0', { ks: [0] }, 'OPTION_INVALID'],
  ['cutoffs that are no list', { ks: 5 }, 'OPTION_INVALID'],
  ['an option that is none', { treshold: 0.5 }, 'OPTION_UNKNOWN'],
  ['a baseline of short sessions', { baseline: sessionsOf([[2], [3]]) }, 'OPTION_INVALID'],
  [
    'a baseline without a known target',
    { baseline: sessionsWith({ click: [1], price: [1], colour: [1] }) },
    'SESSIONS_TOO_FEW',
  ],
])('%s is refused', async (_, change, code) => {
  await expect(evaluateHeads(trained, sessions, { runtime, ...change })).rejects.toMatchObject({ code })
})

test('sessions that lack the target, and weights of another model or gone astray, are refused', async () => {
  const { click: _, ...rest } = sessions.continuous
  await expect(evaluateHeads(trained, { ...sessions, continuous: rest }, { runtime })).rejects.toThrow(
    /'click', which the sessions do not have/,
  )
  const { 'head.price.out.bias': _bias, ...lacking } = trained.weights
  await expect(evaluateHeads({ ...trained, weights: lacking }, sessions, { runtime })).rejects.toMatchObject({
    code: 'SHAPE_MISMATCH',
  })
  const astray = { ...trained.weights, 'head.price.out.bias': Float32Array.of(NaN) }
  await expect(evaluateHeads({ ...trained, weights: astray }, sessions, { runtime })).rejects.toMatchObject({
    code: 'TRAINING_DIVERGED',
  })
})

test.each<[string, unknown]>([
  ['a model', trained.model],
  ['weights', trained.weights],
  ['a model without weights', { model: trained.model }],
  ['a model of other fields', { model: {}, weights: {} }],
  ['nothing', undefined],
])('%s in place of a trained model is refused with what to give', async (_, strange) => {
  const failure = evaluateHeads(strange as typeof trained, sessions, { runtime })
  await expect(failure).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(failure).rejects.toThrow(/expects \{ model, weights \} as its first argument/)
})

test('runs on the CPU where no runtime is given', async () => {
  expect(await evaluateHeads(trained, sessions)).toEqual(await evaluateHeads(trained, sessions, { runtime }))
})

test('the scorer of a model knows how many items it scores and how many events it reads', async () => {
  const scorer = await modelScorer(trained.model, runtime, trained.weights)
  try {
    expect(scorer).toMatchObject({ items: 7, maxLength: 4 })
    const { items } = await evaluateRanking(scorer, sessions, { ks: [1] })
    expect(items).toBe(7)
    await expect(evaluateRanking(scorer, sessions, { ks: [1], maxLength: 5 })).rejects.toThrow(/reads 4/)
  } finally {
    await scorer.close()
  }
})

test('a model is evaluated by what it has: items by ranking, the rest by its metrics', async () => {
  const items = constantModel([nextItem()], {})
  await expect(evaluateHeads(items, sessions, { runtime })).rejects.toThrow(/evaluateRanking/)
  const amounts = constantModel([regression({ target: 'price' })], { price: [4] })
  await expect(modelScorer(amounts.model, runtime, amounts.weights)).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringMatching(/scores no items: its heads are price.*evaluateHeads/) as string,
  })
  expect((await evaluateHeads(amounts, sessions, { runtime }))['price']!.metrics['mae']).toBeCloseTo(2, 6)
})

test('classes that are not those of the feature are refused when the model is made', () => {
  const making = (head: Head) => () => constantModel([head], { colour: [], price: [] })
  expect(making(multiClass({ target: 'colour', classes: 4 }))).toThrow(/4 classes.*3 values.*classes: 3/)
  expect(making(multiClass({ target: 'price', classes: 4 }))).toThrow(/is a number. Use heads.regression/)
})
