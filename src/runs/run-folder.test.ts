import { appendFile, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MANIFEST as ARTIFACT } from '../artifact/manifest.ts'
import { timeWindow } from '../data/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { fitAndEvaluate } from '../train/index.ts'
import type { TrainingCallback } from '../train/index.ts'
import { randomSessions, sessionsOf } from '../train/tiny-model.test-support.ts'
import { SEARCH_FILE } from '../tune/read-search.ts'
import { MANIFEST as PREPARED } from '../workflow/prepared-manifest.ts'
import { readRun } from './read-run.ts'
import { runFolder } from './run-folder.ts'
import type { RunEvent } from './run-schemas.ts'
import { clock, smallModel, smallRun, validation } from './small-run.test-support.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'run-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))
const folder = (): string => join(root, 'runs', 'first')

/** Lines without wall times. */
const bare = (lines: readonly RunEvent[]): readonly object[] =>
  lines.map((line) =>
    Object.fromEntries(
      Object.entries(line).filter(([name]) => !['time', 'seconds', 'validationSeconds'].includes(name)),
    ),
  )

test('a run is written down, and nothing of what is trained changes', async () => {
  const without = await smallRun()
  const split = { kind: 'leave-one-out' }
  const trained = await smallRun({
    callbacks: [runFolder(folder(), { commit: 'abc', split, updatesEvery: 5, now: clock() })],
  })
  expect(trained.weights).toEqual(without.weights)
  expect(await readdir(folder())).toEqual(['events.jsonl', 'run.json'])
  const { run, events, isTorn } = await readRun(folder())
  expect(isTorn).toBe(false)
  expect(run).toMatchObject({
    ...{ format: 1, name: 'first', kind: 'train', status: 'ended', resumed: 0, commit: 'abc', split },
    ...{ startedAt: '2024-01-01T00:00:00.000Z', seed: 6, updates: 10 },
    model: { block: { kind: 'sasrec' } },
    options: { epochs: 2, batchSize: 24, evaluateEvery: 2 },
    data: { sessions: 110, validationSessions: 40, items: 20 },
    result: { update: 10, epochs: 2, evaluations: 6, windows: 0, best: trained.best },
  })
  expect(run.endedAt! > run.startedAt).toBe(true)
  expect(events.map(({ kind, update }) => `${kind} ${update}`)).toEqual([
    ...['update 1', 'evaluation 2', 'evaluation 4', 'update 5', 'evaluation 5', 'epoch 5'],
    ...['evaluation 6', 'evaluation 8', 'update 10', 'evaluation 10', 'epoch 10'],
  ])
  const { updates: _, ...last } = trained.history[1]!
  expect(events.at(-1)).toMatchObject({ ...last, update: 10 })
})

class Interrupted extends Error {}
const interrupt = (): never => {
  throw new Interrupted('ended here')
}

describe('a run that is resumed has the lines of one that was not interrupted', () => {
  const at = (update: number): TrainingCallback => ({
    onUpdate: (record) => (record.update === update ? interrupt() : undefined),
  })
  /** `first`: the interruption comes before the run folder hears of it. */
  test.each<[string, TrainingCallback, 'first' | 'last', number]>([
    ['inside an epoch, before a checkpoint', at(3), 'last', 60],
    ['inside an epoch, behind a checkpoint', at(9), 'last', 0],
    [
      'before an evaluation is written',
      { onEvaluation: ({ update }) => update === 4 && interrupt() },
      'first',
      60,
    ],
    ['before an epoch is written', { onEpoch: interrupt }, 'first', 60],
    ['between epochs', { onEpoch: interrupt }, 'last', 60],
  ])('%s', async (_, callback, place, everySeconds) => {
    await smallRun({ callbacks: [runFolder(join(root, 'whole'), { updatesEvery: 1 })] })
    const checkpoint = { folder: join(root, 'checkpoint'), everySeconds, resume: true }
    const own = (): TrainingCallback => runFolder(folder(), { updatesEvery: 1 })
    const both = place === 'first' ? [callback, own()] : [own(), callback]
    await expect(smallRun({ checkpoint, callbacks: both })).rejects.toThrow(Interrupted)
    const failed = await readRun(folder())
    expect(failed.run).toMatchObject({ status: 'failed', error: { message: 'ended here' } })
    // As one that was killed inside of a line.
    await appendFile(join(folder(), 'events.jsonl'), '{"kind":"update","upd')
    expect(await readRun(folder())).toMatchObject({ isTorn: true, events: failed.events })
    await smallRun({ checkpoint, callbacks: [own()] })
    const [whole, resumed] = [await readRun(join(root, 'whole')), await readRun(folder())]
    expect(bare(resumed.events)).toEqual(bare(whole.events))
    expect(resumed.isTorn).toBe(false)
    expect(resumed.run).toMatchObject({ status: 'ended', resumed: 1, result: { update: 10 } })
    expect(resumed.run.startedAt).toBe(failed.run.startedAt)
    expect(resumed.run).not.toHaveProperty('error')
  })

  test('over windows, also those in which nobody came', async () => {
    const windows = [1, 2, 3, 4].map((seed) =>
      timeWindow(`hour ${seed}`, {
        train: sessionsOf(seed === 2 ? [] : randomSessions(30, seed)),
        test: seed === 2 ? sessionsOf([]) : validation,
      }),
    )
    const options = { runtime: nodeRuntime({ threads: 1 }), epochs: 1, batchSize: 16 }
    const over = (callbacks: readonly TrainingCallback[], resume = false) =>
      fitAndEvaluate(smallModel, windows, {
        ...options,
        checkpoint: { folder: join(root, 'checkpoint'), resume },
        callbacks,
      })
    const { average } = await fitAndEvaluate(smallModel, windows, {
      ...options,
      callbacks: [runFolder(join(root, 'whole'), { updatesEvery: 1 })],
    })
    const stop: TrainingCallback = { onWindow: ({ window }) => window === 'hour 2' && 'stop' }
    await over([stop, runFolder(folder(), { updatesEvery: 1 })])
    expect((await readRun(folder())).run.status).toBe('stopped')
    await over([runFolder(folder(), { updatesEvery: 1 })], true)
    const [whole, resumed] = [await readRun(join(root, 'whole')), await readRun(folder())]
    expect(whole.events.flatMap((line) => (line.kind === 'window' ? [line.update] : []))).toEqual([
      2, 2, 4, 6,
    ])
    expect(bare(resumed.events)).toEqual(bare(whole.events))
    expect(resumed.run).toMatchObject({ kind: 'windows', result: { windows: 4, average } })
  })
})

test('a process that ends leaves the run stopped', async () => {
  const listener: TrainingCallback = {
    onEpoch: async () => {
      expect((await readRun(folder())).run.status).toBe('running')
      // What the run folder hears of when the process ends.
      const atExit = process.listeners('exit').at(-1)! as () => void
      atExit()
      expect((await readRun(folder())).run).toMatchObject({ status: 'stopped' })
      return 'stop'
    },
  }
  const before = process.listenerCount('exit')
  await smallRun({ callbacks: [runFolder(folder()), listener] })
  expect(process.listenerCount('exit')).toBe(before)
})

describe('refused', () => {
  test('a folder that holds a run, and stays as it was', async () => {
    await smallRun({ epochs: 1, callbacks: [runFolder(folder())] })
    const before = await readFile(join(folder(), 'run.json'), 'utf8')
    await expect(smallRun({ epochs: 1, callbacks: [runFolder(folder())] })).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
    })
    expect(await readFile(join(folder(), 'run.json'), 'utf8')).toBe(before)
  })

  test('a run that goes on in the folder of another one', async () => {
    await smallRun({ epochs: 1, callbacks: [runFolder(folder())] })
    const checkpoint = { folder: join(root, 'checkpoint'), resume: true }
    await expect(smallRun({ checkpoint, callbacks: [runFolder(folder())] })).rejects.toMatchObject({
      code: 'RUN_INVALID',
    })
  })

  describe('a folder that holds the same run, and stays as it was', () => {
    const files = (): Promise<readonly string[]> =>
      Promise.all(['run.json', 'events.jsonl'].map((name) => readFile(join(folder(), name), 'utf8')))
    const again = (resume: boolean | number): Promise<unknown> =>
      smallRun({
        checkpoint: { folder: join(root, 'checkpoint'), keep: 1, resume },
        callbacks: [runFolder(folder())],
      })
    const refused = async (resume: boolean | number): Promise<void> => {
      const before = await files()
      let updates = 0
      await expect(
        smallRun({
          checkpoint: { folder: join(root, 'checkpoint'), keep: 1, resume },
          callbacks: [runFolder(folder()), { onUpdate: () => updates++ }],
        }),
      ).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
      expect(updates).toBe(0)
      expect(await files()).toEqual(before)
    }

    test('that has ended, and is to be trained again', async () => {
      await smallRun({ callbacks: [runFolder(folder())] })
      await refused(true)
    })

    test('that was stopped, and its checkpoint is not the one that is gone on from', async () => {
      await smallRun({ callbacks: [runFolder(folder()), { onEpoch: () => 'stop' }] })
      await refused(true)
    })

    test('that has ended, and is to go back', async () => {
      const stop: TrainingCallback = { onEpoch: ({ epoch }) => (epoch === 1 ? 'stop' : undefined) }
      await smallRun({ checkpoint: { folder: join(root, 'checkpoint'), keep: 1 }, callbacks: [stop] })
      await copyFile(join(root, 'checkpoint/epoch-1.safetensors'), join(root, 'kept'))
      await again(true)
      // Where it stands at its end nothing is lost.
      const { events } = await readRun(folder())
      await again(true)
      expect((await readRun(folder())).events).toEqual(events)
      await copyFile(join(root, 'kept'), join(root, 'checkpoint/epoch-1.safetensors'))
      await refused(1)
    })
  })

  test('not where it was ended before its first checkpoint', async () => {
    const checkpoint = { folder: join(root, 'checkpoint'), resume: true }
    await expect(
      smallRun({ checkpoint, callbacks: [runFolder(folder()), { onStart: interrupt }] }),
    ).rejects.toThrow(Interrupted)
    await smallRun({ checkpoint, callbacks: [runFolder(folder())] })
    expect((await readRun(folder())).run).toMatchObject({ status: 'ended', resumed: 1 })
  })

  test.each([ARTIFACT, PREPARED, SEARCH_FILE])('a folder that is something else, by %s', async (name) => {
    await mkdir(folder(), { recursive: true })
    await writeFile(join(folder(), name), '{}')
    await expect(smallRun({ callbacks: [runFolder(folder())] })).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
    })
    expect(await readdir(folder())).toEqual([name])
  })

  test('a folder that cannot be made', async () => {
    await writeFile(join(root, 'runs'), '')
    await expect(smallRun({ callbacks: [runFolder(folder())] })).rejects.toMatchObject({
      code: 'FILE_UNWRITABLE',
    })
  })

  test.each<[string, () => unknown, string]>([
    ['a misspelt option', () => runFolder('x', { nam: 'y' } as object), 'OPTION_UNKNOWN'],
    ['no path', () => runFolder(''), 'OPTION_INVALID'],
    ['no name', () => runFolder('x', { name: '' }), 'OPTION_INVALID'],
    ['a folder without a name', () => runFolder('/'), 'OPTION_INVALID'],
    ['a number for a commit', () => runFolder('x', { commit: 5 as never }), 'OPTION_INVALID'],
    ['a commit like a book', () => runFolder('x', { commit: 'c'.repeat(1001) }), 'OPTION_INVALID'],
    ['no update between lines', () => runFolder('x', { updatesEvery: 0 }), 'OPTION_INVALID'],
  ])('%s', (_, make, code) => {
    expect(make).toThrow(expect.objectContaining({ code }) as Error)
  })
})
