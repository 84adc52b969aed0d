import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { timeWindow } from '../data/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import type { WindowOptions } from './check-window-options.ts'
import { fitAndEvaluate } from './fit-and-evaluate.ts'
import { ITEMS, randomSessions, sessionsOf, tinyModel } from './tiny-model.test-support.ts'
import { train } from './train.ts'
import type { Trained, TrainOptions } from './train-options.ts'

const runtime = nodeRuntime({ threads: 2 })
/** The CPU, said to be another device: its steps are made in the graph. */
const device = { ...runtime, device: 'cuda' as const }
const model = tinyModel({ brand: true, dropout: 0.2 })
const sessions = sessionsOf(randomSessions(110, 3))
const options: TrainOptions = {
  ...{ runtime, validation: sessionsOf(randomSessions(60, 4)), epochs: 3, batchSize: 24, seed: 6 },
  schedule: { warmup: 2, decay: 'linear' },
  optimizer: { kind: 'adagrad', learningRate: 0.05, rowWise: true },
  accumulate: 2,
  averaging: { decay: 0.7, from: 1 },
  parts: [
    { match: 'item', frozen: true },
    { match: 'block', learningRate: 0.5 },
  ],
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'updates-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

class Interrupted extends Error {}
const figures = ({ weights, history, best }: Trained): object => ({
  ...{ weights, best },
  history: history.map(({ seconds: _s, validationSeconds: _v, ...rest }) => rest),
})

test('schedule, records and progress count updates', async () => {
  const seen: (readonly number[])[] = []
  const { history } = await train(model, sessions, {
    ...options,
    callbacks: [{ onUpdate: ({ epoch, batch, batches }) => void seen.push([epoch, batch, batches]) }],
  })
  // Five batches of 24 make three updates.
  expect(history.map(({ updates }) => updates)).toEqual([3, 6, 9])
  expect(seen).toEqual([1, 2, 3].flatMap((epoch) => [1, 2, 3].map((batch) => [epoch, batch, 3])))
  // Two updates of warmup, then from 1 to 0 over the other seven: the third is the first of them.
  expect(history[0]!.learningRate).toBeCloseTo(0.05, 12)
  expect(history[1]!.learningRate).toBeCloseTo((0.05 * 4) / 7, 12)
})

test('batches that accumulate are trained on as larger batches', async () => {
  const still = tinyModel({ brand: true, dropout: 0 })
  const { accumulate: _, parts: _p, averaging: _a, ...rest } = options
  const optimizer = { kind: 'sgd', learningRate: 0.1, momentum: 0.5 } as const
  const large = await train(still, sessions, { ...rest, optimizer })
  const small = await train(still, sessions, { ...rest, optimizer, batchSize: 12, accumulate: 2 })
  expect(small.history.map(({ updates }) => updates)).toEqual(large.history.map(({ updates }) => updates))
  for (const [at, { loss }] of large.history.entries())
    expect(Math.abs(small.history[at]!.loss - loss)).toBeLessThan(1e-5)
})

describe.each([
  ['kernels', runtime],
  ['graph', device],
])('%s', (_, where) => {
  test('an interrupted and resumed run equals an undisturbed one, bit for bit', async () => {
    const own = { ...options, runtime: where }
    const undisturbed = await train(model, sessions, own)
    const checkpoint = { folder, everySeconds: 0, resume: true }
    let runs = 0
    const attempt = async (): Promise<Trained> => {
      runs++
      let calls = 0
      const onUpdate = (): void => {
        if (++calls === 3) throw new Interrupted()
      }
      try {
        return await train(model, sessions, { ...own, checkpoint, callbacks: [{ onUpdate }] })
      } catch (error) {
        if (!(error instanceof Interrupted) || runs > 20) throw error
        return attempt()
      }
    }
    expect(figures(await attempt())).toEqual(figures(undisturbed))
    // Each run makes two updates that count, and one that the next repeats.
    expect(runs).toBe(5)
  })
})

test.each<[string, Partial<TrainOptions>]>([
  ['another optimizer', { optimizer: { kind: 'adam' } }],
  ['another option of it', { optimizer: { kind: 'adagrad', learningRate: 0.05 } }],
  ['other batches an update', { accumulate: 3 }],
  ['another average', { averaging: { decay: 0.7, from: 2 } }],
  ['other parts', { parts: [{ match: 'item', frozen: true }] }],
])('a run with %s does not go on from the checkpoint', async (_, change) => {
  const onUpdate = (): void => {
    throw new Interrupted()
  }
  await expect(
    train(model, sessions, { ...options, checkpoint: { folder }, callbacks: [{ onUpdate }] }),
  ).rejects.toThrow(Interrupted)
  await expect(
    train(model, sessions, { ...options, ...change, checkpoint: { folder, resume: true } }),
  ).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
})

test.each<[string, object, string]>([
  ['half a batch', { accumulate: 0.5 }, 'OPTION_INVALID'],
  ['no batch', { accumulate: 0 }, 'OPTION_INVALID'],
  ['an average without a decay', { averaging: {} }, 'OPTION_INVALID'],
  ['a part that is not there', { parts: [{ match: 'tower', frozen: true }] }, 'OPTION_INVALID'],
  ['an option of another optimizer', { optimizer: { momentum: 0.9 } }, 'OPTION_INVALID'],
])('%s is refused before anything is trained', async (_, change, code) => {
  await expect(train(model, sessions, { ...options, ...change })).rejects.toMatchObject({ code })
})

describe('over windows of time', () => {
  const window = (seed: number, items = ITEMS) =>
    timeWindow(`hour ${seed}`, {
      train: sessionsOf(randomSessions(60, seed).map((codes) => [...codes, items + 1])),
      test: sessionsOf(randomSessions(20, 100 + seed)),
    })
  const { validation: _, ...rest } = options
  const over: WindowOptions = { ...rest, epochs: 2, ks: [5] }
  /** The vocabulary grows before the second window. */
  const grows = (at: number) => tinyModel({ brand: true, dropout: 0.2, items: at === 0 ? ITEMS : ITEMS + 5 })
  const windows = [window(1), window(2, ITEMS + 5), window(3, ITEMS + 5)]

  test('sums, averages and what is frozen carry over, and a resumed run is the same, bit for bit', async () => {
    const all = await fitAndEvaluate(grows, windows, over)
    // Three batches of 24 make two updates, in two epochs.
    expect(all.windows.map(({ updates }) => updates)).toEqual([4, 4, 4])
    const start = grows(0)
    const one = await fitAndEvaluate(
      start,
      [windows[0]!, timeWindow('none', { train: sessionsOf([]), test: sessionsOf([]) })],
      over,
    )
    const frozen = one.weights['item.weight']!
    expect(all.weights['item.weight']!.subarray(0, frozen.length)).toEqual(frozen)
    for (const stop of [1, 5, 9]) {
      let updates = 0
      const onUpdate = (): void => {
        if (++updates === stop) throw new Interrupted()
      }
      const own = join(folder, String(stop))
      const checkpoint = { folder: own, resume: true, everySeconds: 0 }
      await expect(
        fitAndEvaluate(grows, windows, { ...over, checkpoint, callbacks: [{ onUpdate }] }),
      ).rejects.toThrow(Interrupted)
      const resumed = await fitAndEvaluate(grows, windows, { ...over, checkpoint })
      expect(resumed.weights).toEqual(all.weights)
      expect(resumed.average).toEqual(all.average)
    }
    await expect(
      fitAndEvaluate(grows, windows, {
        ...over,
        accumulate: 1,
        checkpoint: { folder: join(folder, '1'), resume: true },
      }),
    ).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
  })
})
