import { expect, test } from 'vitest'
import { bert, sasrec, xlnet, type Block } from '../blocks/index.ts'
import { RESERVED } from '../codes.ts'
import type { Sessions } from '../data/index.ts'
import { evaluateHeads, type HeadsResult } from '../evaluate/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { binary, multiClass, nextItem, regression } from '../heads/index.ts'
import { causal, masked, permuted, replaced, type MaskingKind } from '../masking/index.ts'
import { model } from '../model.ts'
import { createRandom } from '../random.ts'
import { ITEMS, randomSessions, sessionsOf } from './tiny-model.test-support.ts'
import { train } from './train.ts'

const runtime = nodeRuntime({ threads: 2 })
const CLASSES = 4
const SHARE = 0.9
/** Standard deviation of what is added to prices, which spread over 0 to 4. */
const NOISE = 0.5

/** Sessions of any items, whose other features follow from the item before: nine clicks and colours of ten, and prices but for noise. */
function planted(count: number, seed: number): Sessions {
  const sessions = sessionsOf(randomSessions(count, seed))
  const random = createRandom(seed, 6)
  const before = sessions.items.map((_, at) => (at === 0 ? 0 : sessions.items[at - 1]! - RESERVED))
  const sure = (): boolean => random.uniform() < SHARE
  return {
    ...sessions,
    categorical: {
      colour: before.map((item) => RESERVED + (sure() ? item % CLASSES : random.below(CLASSES))),
    },
    continuous: {
      click: Float32Array.from(before, (item) => Number(sure() ? item % 3 === 0 : random.below(2) === 0)),
      price: Float32Array.from(before, (item) => (item % 5) + NOISE * random.normal()),
    },
  }
}

/** The same features at any events. */
function shuffled(sessions: Sessions, seed: number): Sessions {
  const random = createRandom(seed)
  const order = (): Int32Array => {
    const events = Int32Array.from(sessions.items.keys())
    random.shuffle(events)
    return events
  }
  const numbers = (column: Float32Array): Float32Array => Float32Array.from(order(), (at) => column[at]!)
  const { categorical, continuous } = sessions
  return {
    ...sessions,
    categorical: { colour: order().map((at) => categorical['colour']![at]!) },
    continuous: { click: numbers(continuous['click']!), price: numbers(continuous['price']!) },
  }
}

async function learn(training: Sessions, validation: Sessions): Promise<HeadsResult> {
  const made = model(
    { items: ITEMS + RESERVED, categorical: { colour: CLASSES + RESERVED }, continuous: ['click', 'price'] },
    {
      masking: causal(),
      block: sasrec({ width: 16, layers: 1, heads: 2, dropout: 0.1 }),
      heads: [
        nextItem(),
        binary({ target: 'click' }),
        multiClass({ target: 'colour', classes: CLASSES }),
        regression({ target: 'price' }),
        regression({ target: 'price', name: 'price-last', summary: 'last', loss: 'huber' }),
      ],
      maxLength: 8,
    },
  )
  const trained = await train(made, training, {
    runtime,
    epochs: 8,
    batchSize: 32,
    seed: 2,
    optimizer: { learningRate: 0.01 },
  })
  return evaluateHeads(trained, validation, { runtime, baseline: training })
}

test('every head learns what is planted, and nothing where nothing is', async () => {
  const [training, validation] = [planted(700, 1), planted(500, 2)]
  const learnt = await learn(training, validation)
  for (const [name, { beatsConstant }] of Object.entries(learnt)) expect(beatsConstant, name).toBe(true)
  const { click, colour, price, 'price-last': last } = learnt
  // Nine of ten, and half of the tenth; nine of ten, and a quarter of the tenth; all but the noise.
  expect(click!.metrics['accuracy']).toBeGreaterThan(SHARE)
  expect(click!.metrics['auc']).toBeGreaterThan(0.88)
  expect(click!.metrics['logLoss']).toBeLessThan(click!.constant!['logLoss']! - 0.25)
  expect(colour!.metrics['accuracy']).toBeGreaterThan(SHARE - 0.05)
  expect(colour!.metrics['logLoss']).toBeLessThan(colour!.constant!['logLoss']! - 0.6)
  for (const each of [price!, last!]) {
    expect(each.metrics['rmse']).toBeLessThan(1.5 * NOISE)
    expect(each.constant!['rmse']).toBeGreaterThan(2.5 * NOISE)
  }

  const nothing = await learn(shuffled(training, 3), shuffled(validation, 4))
  // The error of an AUC of 500 is 0.026, the errors of the others are smaller.
  expect(Math.abs(nothing['click']!.metrics['auc']! - 0.5)).toBeLessThan(0.1)
  for (const [name, { beatsConstant, gain }] of Object.entries(nothing)) {
    expect(beatsConstant, name).toBe(false)
    expect(gain!.mean, name).toBeLessThan(0.02)
  }
  expect(nothing['price']!.metrics['r2']).toBeLessThan(0.03)
})

test('missing targets count nothing, in learning and in measuring', async () => {
  const sessions = planted(60, 3)
  const gone = (column: Float32Array): Float32Array => column.map((value, at) => (at % 2 === 0 ? NaN : value))
  const { click, price } = sessions.continuous
  const some = { ...sessions, continuous: { click: gone(click!), price: gone(price!) } }
  const far = {
    ...sessions,
    continuous: { click: gone(click!), price: price!.map((value, at) => (at % 2 === 0 ? 1e6 : value)) },
  }
  const made = model(
    { items: ITEMS + RESERVED, categorical: {}, continuous: ['click', 'price'] },
    {
      masking: causal(),
      block: sasrec({ width: 8, layers: 1, heads: 2 }),
      inputs: { leaveOut: ['click', 'price'] },
      heads: [binary({ target: 'click' }), regression({ target: 'price' })],
    },
  )
  const losses = async (data: Sessions): Promise<number> =>
    (await train(made, data, { runtime, epochs: 1 })).history[0]!.loss
  expect(await losses(some)).toBeLessThan(30)
  expect(await losses(far)).toBeGreaterThan(1e9)
  const { weights } = await train(made, some, { runtime, epochs: 1 })
  const measured = await evaluateHeads({ model: made, weights }, some, { runtime })
  const last = Array.from({ length: some.count }, (_, at) => some.offsets[at + 1]! - 1)
  const there = last.filter((at) => at % 2 === 1).length
  expect([measured['click']!.targets, measured['price']!.targets]).toEqual([there, there])
})

test.each([
  [
    'log1p',
    regression({ target: 'price', log1p: true }),
    -1,
    /Head 'price', which predicts 'price': there is a target of -1, and log1p/,
  ],
  [
    'counts',
    regression({ target: 'price', loss: 'poisson' }),
    -3,
    /target of -3, and the loss 'poisson' counts from 0/,
  ],
])('targets that cannot be learnt are refused before they are: %s', async (_, head, bad, message) => {
  const sessions = planted(20, 1)
  const price = sessions.continuous['price']!.map((_, at) => (at === 37 ? bad : 1))
  const made = model(
    { items: ITEMS + RESERVED, categorical: {}, continuous: ['price'] },
    {
      masking: causal(),
      block: sasrec({ width: 8, layers: 1, heads: 2 }),
      inputs: { leaveOut: ['price'] },
      heads: [head],
    },
  )
  await expect(train(made, { ...sessions, continuous: { price } }, { runtime, epochs: 1 })).rejects.toThrow(
    message,
  )
})

test.each([
  ['masked', bert({ width: 16, layers: 1, heads: 2, dropout: 0 }), masked()],
  ['replaced', bert({ width: 16, layers: 1, heads: 2, dropout: 0 }), replaced({ discriminatorWeight: 0 })],
  ['permuted', xlnet({ width: 16, layers: 1, heads: 2, dropout: 0 }), permuted()],
])('a head of the whole session does not see its last event in training: %s', async (_, block, masking) => {
  // Items follow from nothing, and the target from the item of its own event alone.
  const sessions = sessionsOf(randomSessions(300, 5))
  const odd = Float32Array.from(sessions.items, (item) => item % 2)
  const made = model(
    { items: ITEMS + RESERVED, categorical: {}, continuous: ['odd'] },
    {
      ...{ masking, block: block as Block<MaskingKind>, inputs: { leaveOut: ['odd'] } },
      heads: [nextItem({ weight: 0.01 }), binary({ target: 'odd', summary: 'last' })],
      maxLength: 8,
    },
  )
  const { history } = await train(
    made,
    { ...sessions, continuous: { odd } },
    { runtime, epochs: 8, optimizer: { learningRate: 0.01 }, batchSize: 16 },
  )
  // Chance is ln 2; a head that sees the item has 0.02 here.
  expect(history.at(-1)!.loss).toBeGreaterThan(0.5)
})
