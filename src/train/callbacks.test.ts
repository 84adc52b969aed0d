import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RESERVED } from '../codes.ts'
import { timeWindow } from '../data/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { fitAndEvaluate } from './fit-and-evaluate.ts'
import { ITEMS, randomSessions, sessionsOf, tinyModel } from './tiny-model.test-support.ts'
import { schedule, scheduleOptions } from './schedule.ts'
import { train } from './train.ts'
import type { TrainOptions } from './train-options.ts'
import type { TrainingCallback, TrainingEnd, TrainingStart } from './training-callback.ts'

const model = tinyModel({ dropout: 0.2 })
const sessions = sessionsOf(randomSessions(60, 3))
const validation = sessionsOf(randomSessions(30, 4))
const options: TrainOptions = {
  runtime: nodeRuntime({ threads: 1 }),
  validation,
  epochs: 2,
  batchSize: 24,
  seed: 6,
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callbacks-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Writes down what it hears, by name. */
function recorder(name = ''): { readonly heard: string[]; readonly callback: TrainingCallback } {
  const heard: string[] = []
  const hear = (what: string): void => void heard.push(`${name}${what}`)
  return {
    heard,
    callback: {
      onStart: ({ before }) => hear(`start ${before.update}`),
      onUpdate: ({ update }) => hear(`update ${update}`),
      onEvaluation: ({ evaluation, update }) => hear(`evaluation ${evaluation} at ${update}`),
      onEpoch: ({ epoch }) => hear(`epoch ${epoch}`),
      onWindow: ({ window }) => hear(`window ${window}`),
      onEnd: ({ status }) => hear(status),
    },
  }
}

test('what is told, in order', async () => {
  const { heard, callback } = recorder()
  await train(model, sessions, { ...options, callbacks: [callback] })
  expect(heard).toEqual([
    'start 0',
    ...['update 1', 'update 2', 'update 3', 'evaluation 1 at 3', 'epoch 1'],
    ...['update 4', 'update 5', 'update 6', 'evaluation 2 at 6', 'epoch 2'],
    'ended',
  ])
})

test('the start says what is to be trained, an update what it came to, the end what was learnt', async () => {
  const starts: TrainingStart[] = []
  const ends: TrainingEnd[] = []
  const losses: number[][] = []
  let table: Float32Array | undefined
  const { weights, history } = await train(model, sessions, {
    ...options,
    callbacks: [
      {
        onStart: async (start) => {
          starts.push(start)
          table = (await start.readWeights())[start.itemTable!.name]!.slice()
        },
        onUpdate: ({ update, updateLoss, gradientNorm, learningRate }) =>
          losses.push([update, updateLoss, gradientNorm, learningRate]),
        onEnd: (end) => ends.push(end),
      },
    ],
  })
  expect(starts).toHaveLength(1)
  expect(starts[0]).toMatchObject({
    kind: 'train',
    model: { block: { kind: 'sasrec' }, schema: { items: ITEMS + RESERVED } },
    seed: 6,
    updates: 6,
    resume: false,
    data: { items: ITEMS, sessions: 60, events: sessions.items.length, validationSessions: 30 },
    options: { epochs: 2, batchSize: 24, patience: 10, metric: 'ndcg@10', filterSeen: true },
    before: { update: 0, epochs: [], evaluations: [] },
  })
  expect(starts[0]!.digest).toMatch(/^[0-9a-f]{64}$/)
  const total = Object.values(weights).reduce((sum, { length }) => sum + length, 0)
  expect(starts[0]!.parameters).toEqual({ total, trained: total, bytes: 4 * total })
  expect(table).toHaveLength((ITEMS + RESERVED) * 16)
  expect(table).not.toEqual(weights['item.weight'])
  expect(losses.map(([update]) => update)).toEqual([1, 2, 3, 4, 5, 6])
  expect(losses.flat().every((value) => value > 0)).toBe(true)
  expect(ends).toEqual([
    expect.objectContaining({ status: 'ended', update: 6, epochs: history, weights }) as TrainingEnd,
  ])
})

test('windows of other sessions have another digest of the data', async () => {
  const digestOf = async (seeds: readonly number[]): Promise<string> => {
    let told = ''
    const windows = seeds.map((seed, at) =>
      timeWindow(`hour ${at}`, { train: sessionsOf(randomSessions(30, seed)), test: validation }),
    )
    const callback: TrainingCallback = { onStart: ({ data }) => void (told = data.digest) }
    const own = { runtime: options.runtime!, batchSize: 24, seed: 6, epochs: 1, callbacks: [callback] }
    await fitAndEvaluate(model, windows, own)
    return told
  }
  const digest = await digestOf([1, 2])
  expect(digest).toMatch(/^[0-9a-f]{16}$/)
  expect(await digestOf([1, 2])).toBe(digest)
  expect(await digestOf([1, 3])).not.toBe(digest)
})

test('an update is told with its own rate, by the schedule', async () => {
  const rates: number[] = []
  await train(model, sessions, {
    ...{ ...options, optimizer: { learningRate: 0.02 } },
    schedule: { decay: 'linear', warmup: 2 },
    callbacks: [{ onUpdate: ({ learningRate }) => void rates.push(learningRate) }],
  })
  const rate = schedule(scheduleOptions({ decay: 'linear', warmup: 2 }), 6)
  expect(rates).toEqual([1, 2, 3, 4, 5, 6].map((update) => 0.02 * rate(update)))
  expect(new Set(rates).size).toBeGreaterThan(3)
})

describe("'stop'", () => {
  test.each<[string, TrainingCallback, number]>([
    ['of an evaluation', { onEvaluation: () => 'stop' }, 1],
    ['of an update inside an epoch', { onUpdate: ({ update }) => (update === 5 ? 'stop' : undefined) }, 1],
    [
      'of the last update of an epoch',
      { onUpdate: ({ update }) => Promise.resolve(update === 6 && 'stop') },
      2,
    ],
    ['of an epoch', { onEpoch: ({ epoch }) => Promise.resolve(epoch === 2 && 'stop') }, 2],
  ])('%s ends training there, and a resumed run goes on as if it had not', async (_, callback, epochs) => {
    const three = { ...options, epochs: 3 }
    const whole = await train(model, sessions, three)
    const { heard, callback: listener } = recorder()
    const checkpoint = { folder, resume: true }
    const stopped = await train(model, sessions, { ...three, checkpoint, callbacks: [callback, listener] })
    expect(stopped.history).toHaveLength(epochs)
    expect(heard.at(-1)).toBe('stopped')
    expect((await train(model, sessions, { ...three, checkpoint })).weights).toEqual(whole.weights)
  })

  test('of a window', async () => {
    const windows = [1, 2, 3].map((seed) =>
      timeWindow(`hour ${seed}`, { train: sessionsOf(randomSessions(30, seed)), test: validation }),
    )
    const { runtime, batchSize, seed } = options
    const own = { runtime: runtime!, batchSize: batchSize!, seed: seed!, epochs: 1 }
    const { heard, callback } = recorder()
    const stop: TrainingCallback = { onWindow: ({ window }) => (window === 'hour 2' ? 'stop' : undefined) }
    const checkpoint = { folder, resume: true }
    const { windows: done } = await fitAndEvaluate(model, windows, {
      ...own,
      checkpoint,
      callbacks: [stop, callback],
    })
    expect(done).toHaveLength(2)
    expect(heard).toEqual([
      'start 0',
      ...['update 1', 'update 2', 'window hour 1', 'update 3', 'update 4', 'window hour 2'],
      'stopped',
    ])
    const whole = await fitAndEvaluate(model, windows, own)
    expect((await fitAndEvaluate(model, windows, { ...own, checkpoint })).weights).toEqual(whole.weights)
  })

  test('of an update inside an epoch: it is the last, and is measured', async () => {
    const { heard, callback } = recorder()
    const stop: TrainingCallback = { onUpdate: ({ update }) => (update === 5 ? 'stop' : undefined) }
    const learns = { ...options, optimizer: { learningRate: 0.02 } }
    const { best, weights } = await train(model, sessions, { ...learns, callbacks: [callback, stop] })
    expect(heard).toEqual([
      'start 0',
      ...['update 1', 'update 2', 'update 3', 'evaluation 1 at 3', 'epoch 1'],
      ...['update 4', 'update 5', 'evaluation 2 at 5', 'stopped'],
    ])
    // Evaluated there by plan, it is the same.
    const planned = { ...learns, evaluateEvery: 5 }
    const same = await train(model, sessions, { ...planned, callbacks: [stop] })
    expect(same.best).toEqual(best)
    expect(same.weights).toEqual(weights)
  })

  test.each([3, 4])('of an update inside a window, at update %i', async (at) => {
    const windows = [1, 2].map((seed) =>
      timeWindow(`hour ${seed}`, { train: sessionsOf(randomSessions(60, seed)), test: validation }),
    )
    const own = { runtime: options.runtime!, batchSize: 24, seed: 6, epochs: 2 }
    const { heard, callback } = recorder()
    const stop: TrainingCallback = { onUpdate: ({ update }) => (update === at ? 'stop' : undefined) }
    const checkpoint = { folder, resume: true }
    const stopped = await fitAndEvaluate(model, windows, {
      ...{ ...own, checkpoint },
      callbacks: [stop, callback],
    })
    expect(stopped.windows).toEqual([])
    expect(heard.slice(-2)).toEqual([`update ${at}`, 'stopped'])
    const whole = await fitAndEvaluate(model, windows, own)
    expect((await fitAndEvaluate(model, windows, { ...own, checkpoint })).weights).toEqual(whole.weights)
  })

  test.each(['onEpoch', 'onUpdate'])('misspelt is refused: %s', async (method) => {
    const callbacks = [{ [method]: () => 'stopp' }]
    await expect(train(model, sessions, { ...options, callbacks })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    })
  })
})

describe('a callback that throws', () => {
  const methods = ['onStart', 'onUpdate', 'onEvaluation', 'onEpoch'] as const
  test.each(methods)('in %s ends training with its error, and nothing before it is lost', async (method) => {
    const whole = await train(model, sessions, options)
    const { heard, callback } = recorder()
    const bad: TrainingCallback = {
      [method]: () => {
        throw new RangeError('a disk is full')
      },
    }
    const checkpoint = { folder, resume: true }
    await expect(
      train(model, sessions, { ...options, checkpoint, callbacks: [callback, bad] }),
    ).rejects.toThrow(new RangeError('a disk is full'))
    expect(heard.at(-1)).toBe('failed')
    const after = recorder()
    const resumed = await train(model, sessions, { ...options, checkpoint, callbacks: [after.callback] })
    expect(resumed.weights).toEqual(whole.weights)
    expect(after.heard[0]).toBe(method === 'onStart' || method === 'onUpdate' ? 'start 0' : 'start 3')
  })

  test('in onEnd: the others hear the end, once, and its error is thrown where training has none', async () => {
    const bad: TrainingCallback = { onEnd: () => Promise.reject(new RangeError('at the end')) }
    const { heard, callback } = recorder()
    const checkpoint = { folder, resume: true }
    await expect(
      train(model, sessions, { ...options, checkpoint, callbacks: [bad, callback] }),
    ).rejects.toThrow('at the end')
    expect(heard.filter((what) => ['ended', 'failed'].includes(what))).toEqual(['ended'])
    const wrong: TrainingCallback = { onEpoch: () => Promise.reject(new RangeError('before')) }
    await expect(train(model, sessions, { ...options, callbacks: [bad, wrong] })).rejects.toThrow('before')
    expect((await train(model, sessions, { ...options, checkpoint })).history).toHaveLength(2)
  })
})

test('of several each hears all, in their order', async () => {
  const heard: string[] = []
  const of = (name: string): TrainingCallback => ({
    onEpoch: ({ epoch }) => heard.push(`${name} ${epoch}`),
  })
  await train(model, sessions, { ...options, callbacks: [of('a'), of('b')] })
  expect(heard).toEqual(['a 1', 'b 1', 'a 2', 'b 2'])
})

test.each<[string, unknown]>([
  ['no list', { onEpoch: () => undefined }],
  ['a text', ['onEpoch']],
  ['an object that hears nothing', [{ onEpoc: () => undefined }]],
  ['a method that is none', [{ onEpoch: 'say' }]],
])('%s is refused', async (_, callbacks) => {
  await expect(train(model, sessions, { ...options, callbacks: callbacks as never })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
})
