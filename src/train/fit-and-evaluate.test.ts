import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { gru } from '../blocks/index.ts'
import { RESERVED } from '../codes.ts'
import { timeWindow, type Sessions, type TimeWindow } from '../data/index.ts'
import { evaluateRanking, modelScorer } from '../evaluate/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { regression } from '../heads/index.ts'
import { causal } from '../masking/index.ts'
import { model as modelOf, type Model } from '../model.ts'
import { checkpointWeights } from './checkpoint-weights.ts'
import type { WindowOptions } from './check-window-options.ts'
import { fitAndEvaluate, type FittedOverTime } from './fit-and-evaluate.ts'
import { ITEMS, randomSessions, sessionsOf, tinyModel, type TinyOptions } from './tiny-model.test-support.ts'
import { train } from './train.ts'
import type { TrainingCallback } from './training-callback.ts'

const runtime = nodeRuntime({ threads: 2 })
const model = tinyModel({ brand: true, dropout: 0.2 })
/** One without a head that ranks items. */
const unranked = modelOf(
  { items: ITEMS + RESERVED, categorical: {}, continuous: ['price'] },
  {
    masking: causal(),
    block: gru({ width: 4, layers: 1 }),
    heads: [regression({ target: 'price' })],
    maxLength: 8,
  },
)
const window = (seed: number): TimeWindow =>
  timeWindow(`hour ${seed}`, {
    train: sessionsOf(randomSessions(60, seed)),
    test: sessionsOf(randomSessions(20, 100 + seed)),
  })
const nobody = timeWindow('night', { train: sessionsOf([]), test: sessionsOf([]) })
const windows = [window(1), window(2), window(3)]
const options: WindowOptions = {
  runtime,
  epochs: 2,
  batchSize: 24,
  seed: 6,
  ks: [5, 10],
  schedule: { warmup: 2, decay: 'linear' },
  optimizer: { learningRate: 0.01 },
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windows-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** All of a result but wall times. */
const figures = ({ weights, windows: records, average }: FittedOverTime): object => ({
  weights,
  average,
  windows: records.map(({ seconds: _, ...rest }) => rest),
})

test('a window is tested by what was trained on those before, and trained on as ever', async () => {
  const { weights, windows: records } = await fitAndEvaluate(model, [windows[0]!, windows[1]!], options)
  const { epochs, batchSize, seed, schedule, optimizer } = options
  const first = await train(model, (await windows[0]!.read()).train, {
    ...{
      runtime,
      epochs: epochs!,
      batchSize: batchSize!,
      seed: seed!,
      schedule: schedule!,
      optimizer: optimizer!,
    },
  })
  const scorer = await modelScorer(model, runtime, first.weights)
  const expected = await evaluateRanking(scorer, (await windows[1]!.read()).test, { ks: [5, 10] })
  await scorer.close()
  expect(records[0]).toMatchObject({
    window: 'hour 1',
    tested: 0,
    updates: 6,
    loss: first.history.at(-1)!.loss,
  })
  expect(records[0]).not.toHaveProperty('metrics')
  expect(records[1]).toMatchObject({ window: 'hour 2', tested: 20, updates: 6 })
  for (const name of ['ndcg@5', 'recall@10'] as const) expect(records[1]!.metrics![name]).toBe(expected[name])
  expect(weights).not.toEqual(first.weights)
})

test('windows in which nobody came change nothing, and the average is of those that were tested', async () => {
  const all = await fitAndEvaluate(model, [windows[0]!, nobody, windows[1]!, windows[2]!], options)
  expect(all.windows.map(({ updates }) => updates)).toEqual([6, 0, 6, 6])
  expect(all.windows[1]).not.toHaveProperty('metrics')
  const [second, third] = all.windows.slice(2).map(({ metrics }) => metrics!['ndcg@5']!)
  expect(all.average['ndcg@5']).toBeCloseTo((second! + third!) / 2, 12)
  expect(Object.keys(all.average)).toContain('recall@10')
})

test('a session without a known event before its target is not tested', async () => {
  const second = timeWindow('second', {
    train: sessionsOf([]),
    test: sessionsOf([[3], [1, 4], [3, 4], [5, 6, 7]]),
  })
  const { windows: records } = await fitAndEvaluate(model, [windows[0]!, second], options)
  expect(records[1]).toMatchObject({ tested: 2 })
})

test.each<[string, Model, WindowOptions, RegExp]>([
  ['a cutoff beyond the first window', model, { ks: [ITEMS + 1] }, /^fitAndEvaluate: ks must be/],
  ['a cutoff where no items are ranked', unranked, { ks: [5] }, /^fitAndEvaluate: 'ks' is of ranking items/],
  ['seen items where none are ranked', unranked, { filterSeen: true }, /^fitAndEvaluate: 'filterSeen' is of/],
])('%s is refused before anything is read', async (_, of, asked, message) => {
  let reads = 0
  const counted = windows.map((each) => ({ ...each, read: () => (reads++, each.read()) }))
  const refused = fitAndEvaluate(of, counted, { runtime, ...asked })
  await expect(refused).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(refused).rejects.toThrow(message)
  expect(reads).toBe(0)
})

test('an equal model in place of the same one goes on the same way: weights, moments and masks carry over', async () => {
  const same = await fitAndEvaluate(model, windows, options)
  const anew = await fitAndEvaluate(() => tinyModel({ brand: true, dropout: 0.2 }), windows, options)
  expect(figures(anew)).toEqual(figures(same))
})

test('a vocabulary that grows keeps what was learnt, and learns what is new', async () => {
  const grown = (at: number) => tinyModel({ dropout: 0, items: at === 0 ? ITEMS : ITEMS + 5 })
  const few = timeWindow('few', {
    train: sessionsOf(randomSessions(40, 5)),
    test: sessionsOf([]),
  })
  const more = timeWindow('more', {
    train: sessionsOf([
      [ITEMS + 4, ITEMS + 5],
      [ITEMS + 5, ITEMS + 6, ITEMS + 4],
    ]),
    test: sessionsOf([[3, 4]]),
  })
  const still = { ...options, optimizer: { learningRate: 0.01, weightDecay: 0 } }
  const before = await fitAndEvaluate(grown(0), [few, nobody], still)
  const after = await fitAndEvaluate(
    grown,
    [few, timeWindow('none', { train: sessionsOf([]), test: sessionsOf([[3, 4]]) })],
    still,
  )
  const name = Object.keys(before.weights).find(
    (each) => after.weights[each]!.length > before.weights[each]!.length,
  )!
  const old = before.weights[name]!
  expect(after.weights[name]!.subarray(0, old.length)).toEqual(old)
  const learnt = await fitAndEvaluate(grown, [few, more], still)
  expect(learnt.windows[1]).toMatchObject({ tested: 1, updates: 2 })
  expect(learnt.weights[name]!.subarray(old.length)).not.toEqual(after.weights[name]!.subarray(old.length))
})

test('what has a row only since a window is unknown in its test: no row that was never trained is ranked', async () => {
  const grown = (at: number) => tinyModel({ dropout: 0, items: at === 0 ? ITEMS : ITEMS + 500 })
  const first = timeWindow('first', { train: sessionsOf(randomSessions(40, 5)), test: sessionsOf([]) })
  // Two targets that are old, the one after a new item, and one that is new.
  const sessions = [
    [3, 4],
    [ITEMS + 9, 5, 6],
    [3, ITEMS + 8],
  ]
  const second = (test: readonly number[][]) =>
    timeWindow('second', { train: sessionsOf([[3, ITEMS + 10]]), test: sessionsOf(test) })
  const own = { ...options, ks: [ITEMS] }
  const { windows: done } = await fitAndEvaluate(grown, [first, second(sessions)], own)
  const { windows: before } = await fitAndEvaluate(
    grown(0),
    [
      first,
      timeWindow('second', {
        train: sessionsOf([]),
        test: sessionsOf([
          [3, 4],
          [5, 6],
        ]),
      }),
    ],
    own,
  )
  // All items are within the cutoff, and only the new target is missed.
  expect(done[1]!.metrics![`recall@${ITEMS}`]).toBeCloseTo(2 / 3, 12)
  expect(done[1]!.metrics![`ndcg@${ITEMS}`]).toBeCloseTo((before[1]!.metrics![`ndcg@${ITEMS}`]! * 2) / 3, 12)
})

test('the model of a later window that is another one is refused', async () => {
  const other = (at: number) => tinyModel({ width: at === 0 ? 16 : 8 })
  await expect(fitAndEvaluate(other, windows, options)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
  const shrunk = (at: number) => tinyModel({ items: at === 0 ? ITEMS + 5 : ITEMS })
  await expect(fitAndEvaluate(shrunk, windows, options)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' })
})

class Interrupted extends Error {}

describe('an interrupted and resumed run equals an undisturbed one, bit for bit', () => {
  const models: Readonly<Record<string, TinyOptions>> = {
    'all items as candidates': { brand: true, dropout: 0.2 },
    'negatives by frequency': { head: { loss: 'sampled-softmax', negatives: 8, distribution: 'frequency' } },
  }
  const interruptions: Readonly<Record<string, TrainingCallback>> = {
    'between windows': {
      onWindow: ({ window: name }) => {
        if (name === 'hour 2') throw new Interrupted()
      },
    },
    'in a window': {
      onUpdate: ({ window: at, epoch, batch }) => {
        if (at === 2 && epoch === 2 && batch === 2) throw new Interrupted()
      },
    },
    'in the first batch': {
      onUpdate: () => {
        throw new Interrupted()
      },
    },
  }
  for (const [kind, of] of Object.entries(models))
    test.each(Object.entries(interruptions))(`%s, ${kind}`, async (_, interruption) => {
      const own = tinyModel(of)
      const undisturbed = await fitAndEvaluate(own, windows, options)
      const checkpoint = { folder, resume: true, everySeconds: 0 }
      await expect(
        fitAndEvaluate(own, windows, { ...options, callbacks: [interruption], checkpoint }),
      ).rejects.toThrow(Interrupted)
      expect(figures(await fitAndEvaluate(own, windows, { ...options, checkpoint }))).toEqual(
        figures(undisturbed),
      )
    })
})

test('the last windows are kept, and a run goes on from one of them to the same end', async () => {
  const checkpoint = { folder, keep: 2 }
  const whole = await fitAndEvaluate(model, windows, { ...options, checkpoint })
  expect((await readdir(folder)).sort()).toEqual([
    ...['checkpoint.safetensors', 'window-2.safetensors', 'window-3.safetensors'],
  ])
  expect(await checkpointWeights(model, folder, 3)).toEqual(whole.weights)
  const heard: string[] = []
  const again = await fitAndEvaluate(model, windows, {
    ...options,
    checkpoint: { ...checkpoint, resume: 2 },
    callbacks: [{ onWindow: (record) => heard.push(record.window) }],
  })
  expect(heard).toEqual(['hour 3'])
  expect(figures(again)).toEqual(figures(whole))
})

test('a run goes on with the same windows alone, and where it is told to', async () => {
  const checkpoint = { folder, resume: true }
  await fitAndEvaluate(model, windows, { ...options, checkpoint })
  await expect(fitAndEvaluate(model, windows, { ...options, checkpoint: { folder } })).rejects.toMatchObject({
    code: 'CHECKPOINT_EXISTS',
  })
  await expect(
    fitAndEvaluate(model, [windows[0]!, windows[2]!], { ...options, checkpoint }),
  ).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
})

describe('the order of windows', () => {
  const HOUR = 3_600_000
  /** Thirty sessions, one after the other, of 2 to 8 events, one a minute: they go over two hours. */
  const during = (hour: number, minutes: number): Sessions => {
    const sessions = sessionsOf(randomSessions(30, hour))
    return { ...sessions, times: sessions.times!.map((_, at) => hour * HOUR + (minutes + at) * 60_000) }
  }
  const at = (hour: number): TimeWindow =>
    timeWindow(`at ${hour}`, { train: during(hour, -90), test: during(hour, -30) })
  const untimed = (name: string): TimeWindow => {
    const { times: _, ...bare } = during(1, 0)
    return timeWindow(name, { train: bare, test: bare })
  }
  /** Windows that are read when their turn comes. */
  const later = (window: TimeWindow): TimeWindow => ({
    ...{ name: window.name, digest: window.digest },
    read: () => window.read(),
  })
  const over = (given: readonly TimeWindow[]): Promise<FittedOverTime> =>
    fitAndEvaluate(tinyModel({}), given, { runtime, epochs: 1, batchSize: 64, ks: [5] })

  test('is that of time, where they have one: a little overlap, and windows without times, are fine', async () => {
    const fine = [at(1), untimed('none'), at(3), at(2)]
    expect((await over(fine)).windows).toHaveLength(4)
    expect((await over(fine.map(later))).windows).toHaveLength(4)
  })

  test.each<[string, readonly TimeWindow[]]>([
    ['backwards', [at(1), at(30), at(9)]],
    ['backwards around one without times', [at(30), untimed('none'), at(9)]],
    [
      'tested on what was before the training',
      [timeWindow('at 30', { train: during(30, 0), test: during(9, 0) }), at(9)],
    ],
  ])('%s is refused', async (_, given) => {
    for (const windows of [given, given.map(later)]) {
      const refused = over(windows)
      await expect(refused).rejects.toMatchObject({ code: 'OPTION_INVALID' })
      await expect(refused).rejects.toThrow(/'at 30' trains on .* 'at 9' tests on/)
    }
  })

  test('has each window once', async () => {
    const one = untimed('one')
    await expect(over([one, untimed('two'), one])).rejects.toThrow(/'one' is given twice/)
    await expect(over([one, untimed('one')])).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  })
})

test.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /fitAndEvaluate expects a model, .*received undefined/],
  ['a function that gives nothing', () => undefined, /window 0 expects a model, .*received undefined/],
  ['a function that is async', () => Promise.resolve(model), /received a promise of one/],
  ['a function that gives none for a later window', (at: number) => (at === 0 ? model : null), /window 1 /],
])('%s in place of models is refused', async (_, models, message) => {
  const refused = fitAndEvaluate(models as typeof model, windows, options)
  await expect(refused).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(refused).rejects.toThrow(message)
})

test.each<[string, unknown, unknown, RegExp]>([
  ['no test', 'x', { train: sessionsOf([]) }, /sessions to test on/],
  ['no training', 'x', { test: sessionsOf([]) }, /sessions to train on/],
  ['nothing', 'x', undefined, /sessions to train on/],
  ['a text to test on', 'x', { train: sessionsOf([]), test: 'test' }, /sessions to test on/],
  ['no name', '', { train: sessionsOf([]), test: sessionsOf([]) }, /a name/],
])('a window with %s is refused', (_, name, given, message) => {
  const make = (): TimeWindow => timeWindow(name as string, given as never)
  expect(make).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
  expect(make).toThrow(message)
})

test.each<[string, unknown, object]>([
  ['one window', [windows[0]], {}],
  ['sessions for windows', [{ name: 'a' }, { name: 'b' }], {}],
  ['no list', 'windows', {}],
  ['a validation', windows, { validation: sessionsOf([]) }],
  ['no epochs', windows, { epochs: 0 }],
  ['a text for onWindow', windows, { callbacks: [{ onWindow: 'say' }] }],
  ['the best window', windows, { checkpoint: { folder: 'x', resume: 'best' } }],
])('%s is refused', async (_, given, more) => {
  await expect(fitAndEvaluate(model, given as never, { ...options, ...more })).rejects.toMatchObject({
    code: expect.stringMatching(/^OPTION_/) as string,
  })
})
