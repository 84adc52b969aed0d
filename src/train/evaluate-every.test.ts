import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { evaluateRanking, modelScorer } from '../evaluate/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import type { EvaluationRecord, Weights } from './checkpoint.ts'
import { checkpointWeights } from './checkpoint-weights.ts'
import { randomSessions, sessionsOf, tinyModel } from './tiny-model.test-support.ts'
import { train } from './train.ts'
import type { Trained, TrainOptions } from './train-options.ts'
import type { TrainingCallback } from './training-callback.ts'

const runtime = nodeRuntime({ threads: 1 })
const model = tinyModel({ dropout: 0.2 })
const sessions = sessionsOf(randomSessions(110, 3))
const validation = sessionsOf(randomSessions(60, 4))
const BATCHES = 5
const options: TrainOptions = {
  ...{ runtime, validation, epochs: 4, batchSize: 24, seed: 6, evaluateEvery: 2 },
  optimizer: { learningRate: 0.02 },
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'every-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const figures = ({ weights, history, best }: Trained): object => ({
  weights,
  best,
  history: history.map(({ seconds: _s, validationSeconds: _v, ...rest }) => rest),
})

async function withEvaluations(
  own: TrainOptions,
): Promise<{ readonly trained: Trained; readonly records: readonly EvaluationRecord[] }> {
  const records: EvaluationRecord[] = []
  const trained = await train(model, sessions, {
    ...own,
    callbacks: [{ onEvaluation: (record) => void records.push(record) }],
  })
  return { trained, records }
}

async function ndcg(weights: Weights): Promise<number> {
  const scorer = await modelScorer(model, runtime, weights)
  const measured = await evaluateRanking(scorer, validation, { ks: [10] })
  await scorer.close()
  return measured['ndcg@10']!
}

test('evaluations fall on every second update and on the end of each epoch, and the best one is kept', async () => {
  const { trained, records } = await withEvaluations(options)
  // An epoch is five updates: 5 and 15 are no multiples of 2, 10 and 20 are evaluated once.
  expect(records.map(({ update }) => update)).toEqual([2, 4, 5, 6, 8, 10, 12, 14, 15, 16, 18, 20])
  expect(records.map(({ evaluation }) => evaluation)).toEqual(records.map((_, at) => at + 1))
  const values = records.map(({ validation: measured }) => measured['ndcg@10']!)
  const best = values.indexOf(Math.max(...values))
  expect(trained.best).toEqual({
    evaluation: best + 1,
    epoch: records[best]!.epoch,
    update: records[best]!.update,
    metric: values[best],
  })
  expect(records.map(({ isBest }) => isBest)).toEqual(
    values.map((value, at) => values.slice(0, at).every((before) => value > before)),
  )
  expect(await ndcg(trained.weights)).toBe(values[best])
})

test('what is evaluated in between does not change what is trained', async () => {
  const { trained, records } = await withEvaluations(options)
  const { evaluateEvery: _, ...rest } = options
  const epochs = await withEvaluations(rest)
  const losses = (of: Trained): readonly number[] => of.history.map(({ loss }) => loss)
  expect(losses(trained)).toEqual(losses(epochs.trained))
  const ends = records.filter(({ update }) => update % BATCHES === 0)
  expect(ends.map((each) => each.validation)).toEqual(epochs.records.map((each) => each.validation))
})

test('patience counts evaluations, and may end an epoch in its middle', async () => {
  const still = { ...options, optimizer: { learningRate: 0 }, patience: 3 }
  const { trained, records } = await withEvaluations(still)
  expect(records.map(({ update }) => update)).toEqual([2, 4, 5, 6])
  expect(trained.history.map(({ epoch }) => epoch)).toEqual([1])
  expect(trained.best).toMatchObject({ evaluation: 1, update: 2 })
  // It has ended: a resumed run does not go on.
  await train(model, sessions, { ...still, checkpoint: { folder } })
  const again = await withEvaluations({ ...still, checkpoint: { folder, resume: true } })
  expect(again.records).toEqual([])
  expect(figures(again.trained)).toEqual(figures(trained))
})

class Interrupted extends Error {}
const interrupt = (): never => {
  throw new Interrupted()
}

describe('an interrupted and resumed run equals an undisturbed one, bit for bit', () => {
  const at = (update: number): TrainingCallback => ({
    onUpdate: (record) => (record.update === update ? interrupt() : undefined),
  })
  test.each<[string, number, TrainingCallback]>([
    ['behind an evaluation inside an epoch', 60, at(9)],
    ['in an evaluation inside an epoch', 60, { onEvaluation: ({ update }) => update === 8 && interrupt() }],
    ['between evaluations, behind a checkpoint of its own', 0, at(8)],
    ['at the end of an epoch', 60, { onEvaluation: ({ update }) => update === 10 && interrupt() }],
    ['before the first evaluation', 60, at(2)],
  ])('%s', async (_, everySeconds, callback) => {
    const undisturbed = await withEvaluations(options)
    const checkpoint = { folder, everySeconds }
    await expect(train(model, sessions, { ...options, checkpoint, callbacks: [callback] })).rejects.toThrow(
      Interrupted,
    )
    const { trained, records } = await withEvaluations({
      ...options,
      checkpoint: { ...checkpoint, resume: true },
    })
    expect(figures(trained)).toEqual(figures(undisturbed.trained))
    const bare = (some: readonly EvaluationRecord[]): object[] => some.map(({ seconds: _s, ...rest }) => rest)
    expect(bare(records)).toEqual(bare(undisturbed.records.slice(-records.length)))
  })
})

describe('checkpoints that are kept', () => {
  const kept = { ...options, optimizer: { learningRate: 0.05 } }
  const names = async (): Promise<readonly string[]> => (await readdir(folder)).sort()

  test('are the last of epochs and the best, and hold the weights of then', async () => {
    const { trained, records } = await withEvaluations({ ...kept, checkpoint: { folder, keep: 2 } })
    const best = trained.best!
    const bestName =
      best.update % BATCHES === 0 ? `epoch-${best.epoch}` : `epoch-${best.epoch}-update-${best.update}`
    expect(await names()).toEqual(
      [...new Set(['checkpoint', bestName, 'epoch-3', 'epoch-4'])]
        .map((name) => `${name}.safetensors`)
        .sort(),
    )
    const metric = (update: number): number =>
      records.find((record) => record.update === update)!.validation['ndcg@10']!
    expect(await ndcg(await checkpointWeights(model, folder, 3))).toBe(metric(15))
    expect(await ndcg(await checkpointWeights(model, folder, 'last'))).toBe(metric(20))
    expect(await checkpointWeights(model, folder)).toEqual(trained.weights)
    // Those that are kept are enough for the best one, too.
    await rm(join(folder, 'checkpoint.safetensors'))
    expect(await checkpointWeights(model, folder)).toEqual(trained.weights)
  })

  test.each<[3 | 'best']>([[3], ['best']])(
    'a run goes on from one of them (%s), to the same end',
    async (resume) => {
      const whole = await withEvaluations({ ...kept, checkpoint: { folder, keep: 2 } })
      const { trained, records } = await withEvaluations({
        ...kept,
        checkpoint: { folder, keep: 2, resume },
      })
      expect(figures(trained)).toEqual(figures(whole.trained))
      const from = resume === 3 ? 15 : whole.trained.best!.update
      expect(records.map(({ update }) => update)).toEqual(
        whole.records.map(({ update }) => update).filter((update) => update > from),
      )
    },
  )

  const last = (): string => join(folder, 'checkpoint.safetensors')
  const changeByte = async (path: string): Promise<void> => {
    const bytes = await readFile(path)
    bytes[bytes.length - 999]! ^= 1
    await writeFile(path, bytes)
  }
  /** Runs again into the folder of a run that has kept its last two epochs. */
  const goOn = (resume: boolean | 'best' | number): Promise<Trained> =>
    train(model, sessions, { ...kept, checkpoint: { folder, keep: 2, resume } })

  describe.each<[string, () => Promise<void>]>([
    ['is cut off', () => truncate(last(), 1000)],
    ['is empty', () => truncate(last(), 0)],
    ['has another byte', () => changeByte(last())],
  ])('where the last one %s', (_, spoil) => {
    test.each<[4 | 'best']>([[4], ['best']])('are offered, and gone on from: %s', async (resume) => {
      const whole = await withEvaluations({ ...kept, checkpoint: { folder, keep: 2 } })
      await spoil()
      const refused = goOn(true)
      await expect(refused).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
      await expect(refused).rejects.toThrow(/kept: 4, 3, best \(--resume-from 4, or resume: 4 in code\)/)
      await expect(refused).rejects.not.toThrow(/remove/)
      expect(figures(await goOn(resume))).toEqual(figures(whole.trained))
    })
  })

  test('are offered where they are whole alone', async () => {
    await train(model, sessions, { ...kept, checkpoint: { folder, keep: 2 } })
    await changeByte(join(folder, 'epoch-4.safetensors'))
    const refused = goOn(4)
    await expect(refused).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
    await expect(refused).rejects.toThrow(/epoch-4\.safetensors is damaged.* the last one .* kept: 3 \(/)
  })

  test('are offered where the last one is gone, and gone on from; nothing is lost meanwhile', async () => {
    const whole = await withEvaluations({ ...kept, checkpoint: { folder, keep: 2 } })
    await rm(last())
    const there = await names()
    const refused = goOn(true)
    await expect(refused).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
    await expect(refused).rejects.toThrow(/is not there.* kept: 4, 3, best/)
    expect(await names()).toEqual(there)
    expect(figures(await goOn('best'))).toEqual(figures(whole.trained))
  })

  test('are not removed by a run that starts anew, which is refused', async () => {
    await train(model, sessions, { ...kept, checkpoint: { folder, keep: 4 } })
    const anew = async (): Promise<void> => {
      const there = await names()
      await expect(
        train(model, sessions, { ...kept, epochs: 1, checkpoint: { folder } }),
      ).rejects.toMatchObject({ code: 'CHECKPOINT_EXISTS' })
      expect(await names()).toEqual(there)
    }
    await anew()
    await rm(last())
    await anew()
  })

  test('that are not there are refused, naming those that are', async () => {
    const own = { ...kept, checkpoint: { folder, keep: 1 } }
    await train(model, sessions, own)
    const asked = train(model, sessions, { ...own, checkpoint: { ...own.checkpoint, resume: 2 } })
    await expect(asked).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
    await expect(asked).rejects.toThrow(/epoch-4\.safetensors/)
    await expect(checkpointWeights(model, folder, 2)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
    await expect(checkpointWeights(tinyModel({ width: 8 }), folder)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
    })
  })
})

test.each<[string, object]>([
  ['evaluations without sessions', { validation: undefined }],
  ['no update between evaluations', { evaluateEvery: 0 }],
  ['no checkpoint to keep', { checkpoint: { folder: 'x', keep: 0 } }],
  ['the worst checkpoint', { checkpoint: { folder: 'x', resume: 'worst' } }],
])('%s is refused', async (_, change) => {
  await expect(train(model, sessions, { ...options, ...change })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
})
