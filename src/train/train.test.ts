import { mkdtemp, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { evaluateRanking, modelScorer } from '../evaluate/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { ITEMS, randomSessions, sessionsOf, tinyModel } from './tiny-model.test-support.ts'
import { train, trainLocked } from './train.ts'
import type { Trained, TrainOptions } from './train-options.ts'
import type { TrainingCallback, UpdateRecord } from './training-callback.ts'

const runtime = nodeRuntime({ threads: 2 })
/** The CPU, said to be another device: its steps are made in the graph. */
const device = { ...runtime, device: 'cuda' as const }
const model = tinyModel({ brand: true, dropout: 0.2 })
const sessions = sessionsOf(randomSessions(110, 3))
const validation = sessionsOf(randomSessions(60, 4))
const BATCHES = 5 // of 24 sessions, the last of 14
const cosine = { warmup: 4, decay: 'cosine' } as const
const options: TrainOptions & { readonly epochs: number } = {
  runtime,
  validation,
  epochs: 4,
  batchSize: 24,
  seed: 6,
  lengthPool: 2,
  schedule: cosine,
  optimizer: { learningRate: 0.01 },
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'train-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** All of a result but wall times. */
const figures = ({ weights, history, best }: Trained): object => ({
  weights,
  best,
  history: history.map(({ seconds: _s, validationSeconds: _v, ...rest }) => rest),
})

class Interrupted extends Error {}
const interruptAt =
  (at: (progress: UpdateRecord) => boolean) =>
  (progress: UpdateRecord): void => {
    if (at(progress)) throw new Interrupted()
  }

describe('an interrupted and resumed run equals an undisturbed one, bit for bit', () => {
  const interruptions: readonly (readonly [string, number, TrainingCallback])[] = [
    [
      'between epochs',
      60,
      {
        onEpoch: ({ epoch }) => {
          if (epoch === 2) throw new Interrupted()
        },
      },
    ],
    [
      'between epochs, in a promise',
      60,
      { onEpoch: ({ epoch }) => (epoch === 1 ? Promise.reject(new Interrupted()) : undefined) },
    ],
    [
      'in an epoch, behind a checkpoint',
      0,
      { onUpdate: interruptAt(({ epoch, batch }) => epoch === 2 && batch === 4) },
    ],
    [
      'in an epoch, without a checkpoint in it',
      60,
      { onUpdate: interruptAt(({ epoch, batch }) => epoch === 3 && batch === 4) },
    ],
    ['in the first batch', 0, { onUpdate: interruptAt(() => true) }],
    [
      'at the last batch',
      0,
      { onUpdate: interruptAt(({ epoch, batch }) => epoch === 4 && batch === BATCHES) },
    ],
  ]
  test.each(interruptions)('%s', async (_, everySeconds, interruption) => {
    const undisturbed = await train(model, sessions, options)
    const checkpoint = { folder, everySeconds }
    await expect(
      train(model, sessions, { ...options, checkpoint, callbacks: [interruption] }),
    ).rejects.toThrow(Interrupted)
    const resumed = await train(model, sessions, { ...options, checkpoint: { ...checkpoint, resume: true } })
    expect(figures(resumed)).toEqual(figures(undisturbed))
  })

  test.each([
    ['kernels', runtime],
    ['graph', device],
  ])('after every few batches, %s', async (_, where) => {
    const undisturbed = await train(model, sessions, { ...options, runtime: where })
    const checkpoint = { folder, everySeconds: 0, resume: true }
    const batches: number[] = []
    let runs = 0
    const attempt = async (): Promise<Trained> => {
      runs++
      let calls = 0
      const onUpdate = ({ epoch, batch }: UpdateRecord): void => {
        batches.push((epoch - 1) * BATCHES + batch)
        if (++calls === 4) throw new Interrupted()
      }
      try {
        return await train(model, sessions, {
          ...options,
          runtime: where,
          checkpoint,
          callbacks: [{ onUpdate }],
        })
      } catch (error) {
        if (!(error instanceof Interrupted) || runs > 30) throw error
        return attempt()
      }
    }
    expect(figures(await attempt())).toEqual(figures(undisturbed))
    // Each run makes three batches that count, and one that the next repeats.
    expect(runs).toBe(7)
    expect(new Set(batches).size).toBe(4 * BATCHES)
  })

  test('a run that has ended is not trained any further', async () => {
    const ended = await train(model, sessions, { ...options, checkpoint: { folder } })
    const resumed = await train(model, sessions, {
      ...options,
      checkpoint: { folder, resume: true },
      callbacks: [{ onUpdate: interruptAt(() => true) }],
    })
    expect(figures(resumed)).toEqual(figures(ended))
  })
})

describe('a checkpoint', () => {
  const interrupted = async (): Promise<void> => {
    const onEpoch = (): void => {
      throw new Interrupted()
    }
    await expect(
      train(model, sessions, { ...options, checkpoint: { folder }, callbacks: [{ onEpoch }] }),
    ).rejects.toThrow(Interrupted)
  }

  test.each<[string, () => Promise<Trained>]>([
    [
      'another seed',
      () => train(model, sessions, { ...options, seed: 7, checkpoint: { folder, resume: true } }),
    ],
    ['other sessions', () => train(model, validation, { ...options, checkpoint: { folder, resume: true } })],
    [
      'another validation',
      () =>
        train(model, sessions, { ...options, validation: sessions, checkpoint: { folder, resume: true } }),
    ],
    [
      'another model',
      () =>
        train(tinyModel({ dropout: 0.2 }), sessions, { ...options, checkpoint: { folder, resume: true } }),
    ],
    [
      'another learning rate',
      () => train(model, sessions, { ...options, optimizer: {}, checkpoint: { folder, resume: true } }),
    ],
  ])('of a run with %s is refused', async (_, resume) => {
    await interrupted()
    await expect(resume()).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
  })

  test('that is cut off is refused', async () => {
    await interrupted()
    await truncate(join(folder, 'checkpoint.safetensors'), 10_000)
    await expect(
      train(model, sessions, { ...options, checkpoint: { folder, resume: true } }),
    ).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
  })

  test('is left as it is by a run that does not resume, which is refused', async () => {
    await interrupted()
    const file = join(folder, 'checkpoint.safetensors')
    const before = await readFile(file)
    const anew = train(model, sessions, { ...options, epochs: 2, checkpoint: { folder } })
    await expect(anew).rejects.toMatchObject({ code: 'CHECKPOINT_EXISTS' })
    await expect(anew).rejects.toThrow(/resume: true in code\), or choose another folder/)
    expect(await readFile(file)).toEqual(before)
    // One that has ended is a run's, too.
    await train(model, sessions, { ...options, checkpoint: { folder, resume: true } })
    await expect(train(model, sessions, { ...options, checkpoint: { folder } })).rejects.toMatchObject({
      code: 'CHECKPOINT_EXISTS',
    })
  })

  test('of a run that spells out what is so anyway is the same run', async () => {
    await train(model, sessions, { ...options, checkpoint: { folder } })
    const same = { ...options, schedule: { ...cosine, floor: 0, cycles: 1 } }
    const resumed = await train(model, sessions, { ...same, checkpoint: { folder, resume: true } })
    expect(resumed.history).toHaveLength(options.epochs)
    const other = { ...options, schedule: { ...cosine, floor: 0.1 } }
    await expect(train(model, sessions, { ...other, checkpoint: { folder, resume: true } })).rejects.toThrow(
      /schedule\.floor \(0 there, 0\.1 here\)/,
    )
  })

  test('outlives a run that diverges', async () => {
    const wild = {
      ...options,
      schedule: {},
      optimizer: { learningRate: 1e25 },
      checkpoint: { folder, everySeconds: 0 },
    }
    const updates: number[] = []
    const onUpdate = ({ batch }: UpdateRecord): void => void updates.push(batch)
    await expect(train(model, sessions, { ...wild, callbacks: [{ onUpdate }] })).rejects.toMatchObject({
      code: 'TRAINING_DIVERGED',
    })
    expect(updates).toEqual([1]) // the first loss is finite, the second is not
    const resumed = train(model, sessions, {
      ...wild,
      checkpoint: { ...wild.checkpoint, resume: true },
      callbacks: [{ onUpdate }],
    })
    await expect(resumed).rejects.toMatchObject({ code: 'TRAINING_DIVERGED' })
    await expect(resumed).rejects.toThrow(/update 2 /)
    expect(updates).toEqual([1])
  })
})

describe('early stopping', () => {
  test.each([1, 3])('after %d epochs without a better one', async (patience) => {
    // Weights that stand still are as good after each epoch as after the first.
    const still = { ...options, optimizer: { learningRate: 0 }, epochs: 10, patience }
    const { history, best } = await train(model, sessions, still)
    expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 1 + patience }, (_, at) => at + 1))
    expect(best).toEqual({
      evaluation: 1,
      epoch: 1,
      update: BATCHES,
      metric: history[0]!.validation!['ndcg@10'],
    })
  })

  test('the weights are those of the best epoch, as a run of so many epochs ends with', async () => {
    const constant = {
      ...options,
      schedule: {},
      optimizer: { learningRate: 0.03 },
      epochs: 8,
      metric: 'mrr@5',
      ks: [5],
    }
    const { weights, best, history } = await train(model, sessions, constant)
    const metrics = history.map(({ validation: measured }) => measured!['mrr@5']!)
    expect(best).toMatchObject({
      epoch: metrics.indexOf(Math.max(...metrics)) + 1,
      metric: Math.max(...metrics),
    })
    expect(best!.epoch).toBeLessThan(8)
    const { validation: _v, metric: _m, ks: _k, ...without } = constant
    const shorter = await train(model, sessions, { ...without, epochs: best!.epoch })
    expect(shorter.weights).toEqual(weights)
    expect(shorter.best).toBeUndefined()
  })
})

test('records and progress say what was done', async () => {
  const seen: UpdateRecord[] = []
  const { history, weights, best } = await train(model, sessions, {
    ...options,
    callbacks: [{ onUpdate: (each) => void seen.push(each) }],
  })
  expect(history.map(({ epoch, updates }) => [epoch, updates])).toEqual([
    [1, 5],
    [2, 10],
    [3, 15],
    [4, 20],
  ])
  // Warmup over 4 updates, cosine over the other 16: the 20th stands at 15/16 of the way.
  expect(history[3]!.learningRate).toBeCloseTo((0.01 * (1 + Math.cos((Math.PI * 15) / 16))) / 2, 12)
  expect(seen.map(({ epoch, batch }) => [epoch, batch])).toEqual(
    [1, 2, 3, 4].flatMap((epoch) => [1, 2, 3, 4, 5].map((batch) => [epoch, batch])),
  )
  expect(seen.every(({ epochs, batches, rate }) => epochs === 4 && batches === BATCHES && rate > 0)).toBe(
    true,
  )
  expect(seen.at(-1)!.secondsLeft).toBe(0)
  for (const { epoch, loss } of history) expect(seen[epoch * BATCHES - 1]!.loss).toBe(loss)

  // The best epoch's record is what its weights measure.
  const scorer = await modelScorer(model, runtime, weights)
  const measured = await evaluateRanking(scorer, validation, { items: ITEMS, maxLength: 8, ks: [10] })
  await scorer.close()
  expect(history[best!.epoch - 1]!.validation).toMatchObject({
    'ndcg@10': measured['ndcg@10'],
    'map@10': measured['map@10'],
  })
})

test('training on a device is training as on the CPU', async () => {
  // `epsilon`: see device-step.test.ts.
  const near = { ...options, optimizer: { learningRate: 0.01, epsilon: 1e-6 } }
  const [here, there] = [
    await train(model, sessions, near),
    await train(model, sessions, { ...near, runtime: device }),
  ]
  expect(there.history).toHaveLength(here.history.length)
  for (const [at, { loss, validation: measured }] of here.history.entries()) {
    expect(Math.abs(there.history[at]!.loss - loss)).toBeLessThan(1e-5)
    expect(there.history[at]!.validation!['ndcg@10']).toBeCloseTo(measured!['ndcg@10']!, 6)
  }
  for (const [name, values] of Object.entries(here.weights)) {
    const worst = Math.max(...values.map((value, at) => Math.abs(value - there.weights[name]![at]!)))
    expect(worst, name).toBeLessThan(1e-5)
  }
})

test('another seed gives another run', async () => {
  const losses = async (seed: number): Promise<readonly number[]> =>
    (await train(model, sessions, { ...options, epochs: 2, seed })).history.map(({ loss }) => loss)
  expect(await losses(8)).not.toEqual(await losses(9))
})

test.each<[string, object, string]>([
  ['a misspelt option', { epoch: 3 }, 'OPTION_UNKNOWN'],
  ['no epoch', { epochs: 0 }, 'OPTION_INVALID'],
  ['half a session', { batchSize: 0.5 }, 'OPTION_INVALID'],
  ['a negative seed', { seed: -1 }, 'OPTION_INVALID'],
  ['no patience', { patience: 0 }, 'OPTION_INVALID'],
  ['a metric that is not measured', { metric: 'ndcg@20' }, 'OPTION_INVALID'],
  ['a cutoff above the catalogue', { ks: [10, 21] }, 'OPTION_INVALID'],
  ['an option of the optimizer', { optimizer: { beta1: 1 } }, 'OPTION_INVALID'],
  ['an option of the schedule', { schedule: { decay: 'step' } }, 'OPTION_INVALID'],
  ['a validation that ranks nothing', { validation: sessionsOf([[3], [1, 4]]) }, 'SESSIONS_TOO_FEW'],
  ['a validation of no session', { validation: sessionsOf([]) }, 'SESSIONS_TOO_FEW'],
  ['a validation of other codes', { validation: sessionsOf([[3, 99]]) }, 'OPTION_INVALID'],
  ['a misspelt option of the checkpoint', { checkpoint: { folder: 'x', resumed: true } }, 'OPTION_UNKNOWN'],
  ['checkpoints in the past', { checkpoint: { folder: 'x', everySeconds: -1 } }, 'OPTION_INVALID'],
])('%s is refused before anything is trained', async (_, change, code) => {
  let progressed = false
  const onUpdate = (): void => void (progressed = true)
  await expect(
    train(model, sessions, { ...options, ...change, callbacks: [{ onUpdate }] }),
  ).rejects.toMatchObject({ code })
  expect(progressed).toBe(false)
})

test('a warmup that never ends and an average that never begins are refused, the last update may be the first', async () => {
  const updates = 2 * BATCHES
  const two = { ...options, epochs: 2 }
  const over = (change: TrainOptions): Promise<Trained> => train(model, sessions, { ...two, ...change })
  for (const change of [
    { schedule: { warmup: updates + 1 } },
    { averaging: { decay: 0.9, from: updates } },
  ]) {
    await expect(over(change)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    await expect(over(change)).rejects.toThrow(`${updates} updates`)
  }
  const last = { schedule: { warmup: updates }, averaging: { decay: 0.9, from: updates - 1 } }
  expect((await over(last)).history).toHaveLength(2)
  // A trial of a search is cut short: what it would become is what counts.
  const shortened = {
    ...two,
    schedule: { warmup: 2 * updates },
    averaging: { decay: 0.9, from: 2 * updates - 1 },
  }
  expect((await trainLocked(model, sessions, { ...shortened, wholeEpochs: 4 })).history).toHaveLength(2)
  await expect(trainLocked(model, sessions, { ...shortened, wholeEpochs: 3 })).rejects.toThrow(
    `all epochs together have ${3 * BATCHES} updates`,
  )
})

test.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /expects a model, .*received undefined/],
  ['null', null, /received null/],
  ['a promise', Promise.resolve(model), /received a promise of one/],
  ['sessions', sessions, /received an object/],
])('%s in place of a model is refused', async (_, given, message) => {
  const refused = train(given as typeof model, sessions, {})
  await expect(refused).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(refused).rejects.toThrow(message)
})

test('sessions without anything to learn are too few', async () => {
  const short = sessionsOf([[2], [3], [4]])
  await expect(train(model, short, options)).rejects.toMatchObject({ code: 'SESSIONS_TOO_FEW' })
})
