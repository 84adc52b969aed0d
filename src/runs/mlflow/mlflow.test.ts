import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EvaluationRecord, TrainingCallback, UpdateRecord } from '../../train/index.ts'
import { smallRun } from '../small-run.test-support.ts'
import { mlflow, type MlflowOptions } from './mlflow.ts'
import { serverDouble, type ServerDouble } from './server-double.test-support.ts'

let server: ServerDouble
let folder: string
let warnings: string[]
beforeEach(async () => {
  server = await serverDouble()
  folder = await mkdtemp(join(tmpdir(), 'mlflow-'))
  warnings = []
})
afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const tracked = (options: Partial<MlflowOptions> = {}): TrainingCallback =>
  mlflow({
    ...{ trackingUri: server.uri, experiment: 'shoes', updatesEvery: 1, retryMs: 0 },
    warn: (message) => void warnings.push(message),
    ...options,
  })

/** [step, value] of a metric of the last run. */
const points = (key: string): readonly (readonly [number, number])[] =>
  server.runs.at(-1)!.points.flatMap((each) => (each.key === key ? [[each.step, each.value] as const] : []))

test('a training is sent as it is told, and nothing of what is trained changes', async () => {
  const without = await smallRun()
  const told: UpdateRecord[] = []
  const evaluations: EvaluationRecord[] = []
  const trained = await smallRun({
    callbacks: [
      tracked({ runName: 'first', token: 'secret', tags: { team: 'web' } }),
      { onUpdate: (each) => told.push(each), onEvaluation: (each) => evaluations.push(each) },
    ],
  })
  expect(trained.weights).toEqual(without.weights)
  expect(warnings).toEqual([])
  expect([...server.experiments]).toEqual([['shoes', '1']])
  expect(server.runs).toHaveLength(1)
  expect(server.runs[0]).toMatchObject({
    status: 'FINISHED',
    experiment: '1',
    tags: { team: 'web', 'ensuite.status': 'ended', 'ensuite.best_epoch': String(trained.best!.epoch) },
    params: {
      ...{ 'block.kind': 'sasrec', 'block.width': '16', 'train.epochs': '2', seed: '6' },
      ...{ 'train.optimizer.learningRate': '0.02', 'train.ks': '[10]', 'heads.0.kind': 'next-item' },
    },
  })
  expect(points('train/loss')).toEqual(told.map((each) => [each.update, each.updateLoss]))
  expect(points('validation/ndcg_at_10')).toEqual(
    evaluations.map((each) => [each.update, each.validation['ndcg@10']]),
  )
  expect(points('train/epoch_loss')).toEqual(trained.history.map((each) => [each.updates, each.loss]))
  expect(server.requests.every(({ authorization }) => authorization === 'Bearer secret')).toBe(true)
})

test('a second run goes into the experiment that is there', async () => {
  for (const seed of [1, 2]) await smallRun({ epochs: 1, seed, callbacks: [tracked()] })
  expect(server.experiments.size).toBe(1)
  expect(server.runs.map(({ experiment }) => experiment)).toEqual(['1', '1'])
})

class Interrupted extends Error {}

test('a run that is resumed goes on in its run, and no point is there twice', async () => {
  const checkpoint = { folder, resume: true }
  const interruption: TrainingCallback = {
    onUpdate: ({ update }) => {
      if (update === 9) throw new Interrupted()
    },
  }
  await expect(smallRun({ checkpoint, callbacks: [tracked(), interruption] })).rejects.toThrow(Interrupted)
  expect(server.runs[0]!.status).toBe('FAILED')
  // The checkpoint stands at update 8: the ninth is made again, and was sent.
  expect(points('train/loss').map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  await smallRun({ checkpoint, callbacks: [tracked()] })
  expect(server.runs).toHaveLength(1)
  expect(server.runs[0]!.status).toBe('FINISHED')
  expect(points('train/loss').map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(points('validation/ndcg_at_10').map(([step]) => step)).toEqual([2, 4, 5, 6, 8, 10])
})

test('a run that was not tracked before it was resumed has what the checkpoint knows of it', async () => {
  const checkpoint = { folder, resume: true }
  await smallRun({ checkpoint, callbacks: [{ onEpoch: () => 'stop' }] })
  await smallRun({ checkpoint, callbacks: [tracked()] })
  expect(points('train/epoch_loss').map(([step]) => step)).toEqual([5, 10])
  expect(points('validation/ndcg_at_10').map(([step]) => step)).toEqual([2, 4, 5, 6, 8, 10])
})

describe('a server that fails', () => {
  test('from the start is warned of once, and nothing is lost but its points', async () => {
    const whole = await smallRun()
    await server.close()
    const trained = await smallRun({ callbacks: [tracked({ timeoutMs: 500 })] })
    expect(trained.weights).toEqual(whole.weights)
    expect(warnings).toHaveLength(2)
    expect(warnings[0]).toMatch(/cannot be reached.*ECONNREFUSED.*Training goes on without it/)
    expect(warnings[1]).toMatch(/points of the training did not reach MLflow/)
  })

  test('for a while is asked again, and gets all', async () => {
    server.failing = (_, count) => (count > 2 && count < 6 ? 503 : undefined)
    await smallRun({ callbacks: [tracked()] })
    expect(points('train/loss')).toHaveLength(10)
    expect(server.runs.at(-1)!.status).toBe('FINISHED')
    expect(warnings).toHaveLength(1)
  })

  test.each([
    ['before it went on', false],
    ['and when it goes on', true],
  ])('while it is told what is trained has one run, and all of that: %s', async (_, resumed) => {
    let isFailing = true
    server.failing = (path) => (isFailing && path === 'runs/log-batch' ? 503 : undefined)
    const heal: TrainingCallback = {
      onUpdate: ({ update }) => {
        if (update < 5) return
        if (resumed && isFailing) throw new Interrupted()
        isFailing = false
      },
    }
    const run = () =>
      smallRun({ checkpoint: { folder, resume: true }, callbacks: [heal, tracked({ timeoutMs: 1000 })] })
    if (resumed) await expect(run()).rejects.toThrow(Interrupted)
    isFailing = !resumed
    await run()
    expect(server.runs).toHaveLength(1)
    expect(server.runs[0]).toMatchObject({
      status: 'FINISHED',
      params: { 'block.kind': 'sasrec', seed: '6' },
    })
  })

  test('is not asked again before its time', async () => {
    server.failing = () => 503
    await smallRun({ callbacks: [tracked({ retryMs: 60_000, timeoutMs: 400 })] })
    // Once at the start, once at the end.
    expect(server.requests).toHaveLength(2)
  })

  test('as training ends is asked again while there is time, for points and for the end', async () => {
    let refusals = 0
    const fail: TrainingCallback = {
      onEnd: () => {
        // The points fail first, and then how the run ended.
        server.failing = (path) => {
          const isDue = refusals === 0 ? path === 'runs/log-batch' : path === 'runs/update' && refusals === 1
          if (isDue) refusals++
          return isDue ? 503 : undefined
        }
      },
    }
    await smallRun({ callbacks: [fail, tracked()] })
    expect(refusals).toBe(2)
    expect(server.runs.at(-1)!.status).toBe('FINISHED')
    expect(points('train/epoch_loss')).toHaveLength(2)
    expect(warnings.filter((warning) => warning.includes('did not reach'))).toEqual([])
  })

  test('with silence does not hold up training, and its end no longer than was said', async () => {
    server.failing = () => 'silence'
    const started = performance.now()
    let ended = 0
    const watch: TrainingCallback = { onEnd: () => void (ended = performance.now() - started) }
    const trained = await smallRun({ callbacks: [watch, tracked({ timeoutMs: 1000 })] })
    expect(trained.history).toHaveLength(2)
    expect(performance.now() - started - ended).toBeLessThan(3000)
    expect(warnings).toHaveLength(2)
  })

  test('of which too much waits loses the oldest points', async () => {
    server.failing = () => 503
    const callback = tracked({ queue: 5, retryMs: 60_000 })
    const heal: TrainingCallback = { onEnd: () => void (server.failing = undefined) }
    await smallRun({ callbacks: [heal, callback] })
    expect(server.runs.at(-1)!.points).toHaveLength(5)
    expect(points('train/loss').length).toBeLessThan(10)
    expect(warnings.at(-1)).toMatch(/^\d+ points of the training did not reach MLflow/)
  })

  test('that refuses some points for good gets the others', async () => {
    let isRefused = false
    server.failing = (path) => {
      if (path !== 'runs/log-batch' || !server.requests.at(-1)!.body.metrics || isRefused) return undefined
      isRefused = true
      return 400
    }
    await smallRun({ callbacks: [tracked()] })
    expect(points('train/loss').length).toBeGreaterThan(0)
    expect(server.runs.at(-1)!.status).toBe('FINISHED')
    expect(warnings[0]).toMatch(/refuses runs\/log-batch: 400/)
  })

  test('and is required ends training before it starts', async () => {
    const updates: number[] = []
    const watch: TrainingCallback = { onUpdate: ({ update }) => updates.push(update) }
    server.failing = () => 401
    await expect(smallRun({ callbacks: [tracked({ required: true }), watch] })).rejects.toMatchObject({
      code: 'TRACKING_UNAVAILABLE',
    })
    expect(updates).toEqual([])
    expect(warnings).toEqual([])
  })

  test('at the end and is required is told then, and the checkpoint is there', async () => {
    const checkpoint = { folder, resume: true }
    const fail: TrainingCallback = { onEpoch: () => void (server.failing = () => 503) }
    await expect(
      smallRun({ checkpoint, callbacks: [fail, tracked({ required: true, timeoutMs: 600 })] }),
    ).rejects.toMatchObject({ code: 'TRACKING_UNAVAILABLE' })
    server.failing = undefined
    await smallRun({ checkpoint, callbacks: [tracked({ required: true })] })
    expect(server.runs).toHaveLength(1)
    expect(points('validation/ndcg_at_10').map(([step]) => step)).toEqual([2, 4, 5, 6, 8, 10])
  })
})

test.each<[string, object, string]>([
  ['a misspelt option', { trackinguri: 'http://x', experiment: 'y' }, 'OPTION_UNKNOWN'],
  ['no address', { trackingUri: 'localhost', experiment: 'y' }, 'OPTION_INVALID'],
  ['a file', { trackingUri: 'file:///tmp/mlruns', experiment: 'y' }, 'OPTION_INVALID'],
  ['no experiment', { trackingUri: 'http://x', experiment: '' }, 'OPTION_INVALID'],
  ['no queue', { trackingUri: 'http://x', experiment: 'y', queue: 0 }, 'OPTION_INVALID'],
])('%s is refused', (_, options, code) => {
  expect(() => mlflow(options as MlflowOptions)).toThrow(expect.objectContaining({ code }) as Error)
})
