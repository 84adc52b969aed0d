import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RESERVED } from '../../codes.ts'
import type { EvaluationRecord, TrainingCallback, UpdateRecord } from '../../train/index.ts'
import { ITEMS } from '../../train/tiny-model.test-support.ts'
import { clock, smallRun } from '../small-run.test-support.ts'
import { histogramOf } from './histogram.ts'
import { eventFiles, readEventFile } from './read-events.test-support.ts'
import { maskedChecksum, recordMaker } from './records.ts'
import { tensorBoard } from './tensorboard.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'board-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('checksums are those of RFC 3720 and of TensorFlow', async () => {
  const masked = await maskedChecksum()
  // 32 bytes of 0: CRC-32C 0x8a9136aa; turned right by 15 and 0xa282ead8 added.
  const crc = 0x8a9136aa
  expect(masked(new Uint8Array(32))).toBe((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0)
  // A record that TensorBoard's own writer made of b'ensuite'.
  const record = (await recordMaker())(new TextEncoder().encode('ensuite'))
  expect(Buffer.from(record).toString('hex')).toBe(RECORD)
})
const RECORD = '0700000000000000bbd79f11656e7375697465ded45542'

const tagsOf = (events: Awaited<ReturnType<typeof readEventFile>>): readonly string[] =>
  events.flatMap(({ step, summary }) =>
    (summary?.value ?? []).map(
      ({ tag, histo }) => `${step ?? 0n} ${tag}${histo === undefined ? '' : ' (histogram)'}`,
    ),
  )

test('scalars are what training told, each at its update; nothing of what is trained changes', async () => {
  const without = await smallRun()
  const told: UpdateRecord[] = []
  const evaluations: EvaluationRecord[] = []
  const trained = await smallRun({
    callbacks: [
      tensorBoard(folder, { updatesEvery: 1, now: clock() }),
      { onUpdate: (each) => told.push(each), onEvaluation: (each) => evaluations.push(each) },
    ],
  })
  expect(trained.weights).toEqual(without.weights)
  const [file, ...others] = await eventFiles(folder)
  expect(others).toEqual([])
  expect(file).toMatch(/events\.out\.tfevents\.1704067200\.ensuite-[0-9a-f]{16}\.0000$/)
  const events = await readEventFile(file!)
  expect(events[0]).toMatchObject({ wallTime: 1704067201, fileVersion: 'brain.Event:2' })
  const points = (tag: string): readonly (readonly [number, number])[] =>
    events.flatMap(({ step, summary }) =>
      (summary?.value ?? []).flatMap((each) =>
        each.tag === tag ? [[Number(step), each.simpleValue!] as const] : [],
      ),
    )
  const near = (values: readonly (readonly [number, number])[]): readonly object[] =>
    values.map(([step, value]) => [step, Math.fround(value)])
  expect(points('train/loss')).toEqual(near(told.map((each) => [each.update, each.updateLoss])))
  expect(points('train/gradient_norm')).toEqual(near(told.map((each) => [each.update, each.gradientNorm])))
  expect(points('train/learning_rate')).toEqual(near(told.map((each) => [each.update, 0.02])))
  expect(points('train/epoch_loss')).toEqual(near(trained.history.map((each) => [each.updates, each.loss])))
  expect(points('validation/ndcg@10')).toEqual(
    near(evaluations.map((each) => [each.update, each.validation['ndcg@10']!])),
  )
  const histograms = tagsOf(events).filter((tag) => tag.endsWith('(histogram)'))
  expect(histograms.filter((tag) => tag.includes('item.weight'))).toEqual(
    [0, 5, 10].map((step) => `${step} weights/item.weight (histogram)`),
  )
})

test('the projector gets the embeddings of the best evaluation, and the names', async () => {
  const names = Array.from({ length: ITEMS }, (_, at) => (at === 0 ? 'a\tb' : `shoe ${at}`))
  const { weights } = await smallRun({
    epochs: 1,
    callbacks: [tensorBoard(folder, { itemNames: names, projectedItems: 15, histograms: 0 })],
  })
  const rows = (await readFile(join(folder, 'item-embeddings.tsv'), 'utf8')).trimEnd().split('\n')
  expect(rows).toHaveLength(15)
  const table = weights['item.weight']!
  expect(Float32Array.from(rows.flatMap((row) => row.split('\t').map(Number)))).toEqual(
    table.slice(16 * RESERVED, 16 * (RESERVED + 15)),
  )
  const told = (await readFile(join(folder, 'item-names.tsv'), 'utf8')).trimEnd().split('\n')
  expect(told).toEqual(['a b', ...names.slice(1, 15)])
  const config = await readFile(join(folder, 'projector_config.pbtxt'), 'utf8')
  expect(config).toMatch(/tensor_shape: 15\n {2}tensor_shape: 16\n/)
  expect(tagsOf(await readEventFile((await eventFiles(folder))[0]!)).join()).not.toContain('histogram')
})

class Interrupted extends Error {}

describe('a run that is resumed', () => {
  test('goes on in a file of its own, which says from where on', async () => {
    const checkpoint = { folder: join(folder, 'checkpoint'), resume: true }
    const board = join(folder, 'board')
    const callback = () => tensorBoard(board, { updatesEvery: 1, histograms: 0, now: clock() })
    await expect(
      smallRun({
        checkpoint,
        callbacks: [
          callback(),
          {
            onUpdate: ({ update }) => {
              if (update === 9) throw new Interrupted()
            },
          },
        ],
      }),
    ).rejects.toThrow(Interrupted)
    await smallRun({ checkpoint, callbacks: [callback()] })
    const [first, second] = await Promise.all((await eventFiles(board)).map(readEventFile))
    expect(tagsOf(first!).filter((tag) => tag.endsWith('train/loss'))).toHaveLength(9)
    // The last checkpoint was written behind the evaluation at update 8.
    expect(second![1]).toMatchObject({ step: 9n, sessionLog: { status: 1 } })
    expect(tagsOf(second!).filter((tag) => tag.endsWith('train/loss'))).toEqual([
      '9 train/loss',
      '10 train/loss',
    ])
  })

  test('has what its checkpoint knows and it died before it could tell', async () => {
    const checkpoint = { folder: join(folder, 'checkpoint'), resume: true }
    const board = join(folder, 'board')
    const dies: TrainingCallback = {
      onEvaluation: ({ update }) => {
        if (update === 5) throw new Interrupted()
      },
    }
    const callback = () => tensorBoard(board, { histograms: 0, now: clock() })
    await expect(smallRun({ checkpoint, callbacks: [dies, callback()] })).rejects.toThrow(Interrupted)
    await smallRun({ checkpoint, callbacks: [callback()] })
    const tags = (await Promise.all((await eventFiles(board)).map(readEventFile))).flatMap(tagsOf)
    for (const tag of ['5 validation/ndcg@10', '5 train/epoch_loss', '10 train/epoch_loss'])
      expect(tags.filter((each) => each === tag)).toHaveLength(1)
  })

  test('is refused where it is another one that starts', async () => {
    await smallRun({ epochs: 1, callbacks: [tensorBoard(folder)] })
    const refused = { code: 'OUTPUT_EXISTS' }
    await expect(smallRun({ epochs: 1, callbacks: [tensorBoard(folder)] })).rejects.toMatchObject(refused)
    // To go on was asked for, and this is no run that could.
    const checkpoint = { folder: join(folder, 'checkpoint'), resume: true }
    await expect(
      smallRun({ epochs: 1, seed: 9, checkpoint, callbacks: [tensorBoard(folder)] }),
    ).rejects.toMatchObject(refused)
    expect(await eventFiles(folder)).toHaveLength(1)
  })
})

test('a histogram has all values, in buckets of one width', () => {
  const { bucket, bucketLimit, ...sums } = histogramOf(Float32Array.of(0, 1, 2, 30, 30))
  expect(sums).toEqual({ min: 0, max: 30, num: 5, sum: 63, sumSquares: 1805 })
  expect(bucketLimit).toEqual(Array.from({ length: 30 }, (_, at) => at + 1))
  expect(bucket).toEqual([1, 1, 1, ...new Array<number>(26).fill(0), 2])
  expect(histogramOf(Float32Array.of(2, 2))).toMatchObject({ bucketLimit: [2], bucket: [2], sum: 4 })
  // Of 250,000 values every third.
  expect(histogramOf(new Float32Array(250_000).fill(1))).toMatchObject({ num: 83_334 })
})

test.each<[string, object, string]>([
  ['a misspelt option', { histogram: 1 }, 'OPTION_UNKNOWN'],
  ['half a histogram', { histograms: 0.5 }, 'OPTION_INVALID'],
  ['a number for a name', { itemNames: [1] }, 'OPTION_INVALID'],
])('%s is refused', (_, options, code) => {
  expect(() => tensorBoard('x', options)).toThrow(expect.objectContaining({ code }) as Error)
})
