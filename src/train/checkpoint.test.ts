import { mkdtemp, mkdir, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../artifact/index.ts'
import { createPlainKernels } from '../kernels/index.ts'
import { createRandom } from '../random.ts'
import { removeCheckpoint, saveCheckpoint, type Progress, type Weights } from './checkpoint.ts'
import { openCheckpoint } from './open-checkpoint.ts'
import { createParameterStore, storeBytes, type ParameterStore } from './parameter-store.ts'
import { tinyModel } from './tiny-model.test-support.ts'
import { defaultPlan } from './update-plan.ts'

const { parameters } = tinyModel({ brand: true })
const plan = defaultPlan()

/** A store with numbers of its own everywhere, from `seed`. */
function filledStore(seed: number): ParameterStore {
  const kernels = createPlainKernels({ bytes: storeBytes(parameters, plan) })
  const store = createParameterStore(kernels, parameters, { seed, plan })
  const random = createRandom(seed, 99)
  for (const { states } of store.slots)
    for (const moment of Object.values(states)) moment.forEach((_, at) => (moment[at] = random.uniform()))
  return store
}
const contents = (store: ParameterStore): readonly Float32Array[] =>
  store.slots.flatMap(({ values, states }) => [values, ...Object.values(states)].map((each) => each.slice()))

const progress: Progress = {
  fingerprint: 'a run',
  epoch: 3,
  pool: 2,
  batch: 17,
  update: 217,
  lossSum: 1234.5678901234567,
  labelSum: 999,
  maskState: Array.from({ length: 16 }, (_, at) => 4294967295 - at),
  history: [
    {
      epoch: 1,
      updates: 100,
      loss: 0.1 + 0.2,
      learningRate: 1e-3,
      validation: { 'ndcg@10': 1 / 3 },
      seconds: 2,
    },
  ],
  evaluations: [
    { evaluation: 1, epoch: 1, update: 100, validation: { 'ndcg@10': 1 / 3 }, isBest: true, seconds: 1 },
  ],
  best: { evaluation: 1, epoch: 1, update: 100, metric: 1 / 3 },
  finished: false,
}
const best: Weights = Object.fromEntries(
  filledStore(8).slots.map(({ parameter, values }) => [parameter.name, values.slice()]),
)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const file = (): string => join(folder, 'checkpoint.safetensors')

/** What the checkpoint holds, put back into the store. */
async function restored(from: string, store: ParameterStore) {
  const opened = await openCheckpoint(from, 'a run')
  return opened && { progress: opened.progress, best: opened.restore(store) }
}

test('what was saved comes back bit for bit', async () => {
  const [saved, other] = [filledStore(1), filledStore(2)]
  await saveCheckpoint(join(folder, 'a', 'b'), progress, saved, best)
  const loaded = await restored(join(folder, 'a', 'b'), other)
  expect(loaded).toEqual({ progress, best })
  expect(contents(other)).toEqual(contents(saved))
  expect(contents(other)).not.toEqual(contents(filledStore(2)))
})

test('without a best epoch there are no weights of one', async () => {
  const { best: _best, ...early } = progress
  await saveCheckpoint(folder, early, filledStore(1), undefined)
  expect(await restored(folder, filledStore(2))).toEqual({ progress: early, best: undefined })
})

test('a new checkpoint takes the place of the old one and leaves nothing beside it', async () => {
  await saveCheckpoint(folder, progress, filledStore(1), best)
  await saveCheckpoint(folder, { ...progress, update: 300 }, filledStore(5), best)
  expect(await readdir(folder)).toEqual(['checkpoint.safetensors'])
  const store = filledStore(2)
  expect((await restored(folder, store))?.progress.update).toBe(300)
  expect(contents(store)).toEqual(contents(filledStore(5)))
})

test('one that was written before there were digests is gone on from', async () => {
  await saveCheckpoint(folder, progress, filledStore(1), best)
  await rewrite(() => undefined)
  expect((await restored(folder, filledStore(2)))?.best).toEqual(best)
})

test('no checkpoint is no error, and a removed one is none', async () => {
  const store = filledStore(2)
  expect(await restored(join(folder, 'none'), store)).toBeUndefined()
  await saveCheckpoint(folder, progress, filledStore(1), best)
  await removeCheckpoint(folder)
  expect(await restored(folder, store)).toBeUndefined()
  expect(contents(store)).toEqual(contents(filledStore(2)))
})

/** Writes the checkpoint again with one thing changed, as one that was written before there were digests. */
async function rewrite(
  change: (
    tensors: Record<string, { shape: readonly number[]; data: Float32Array }>,
    texts: Record<string, string>,
  ) => void,
): Promise<void> {
  const { tensors, metadata } = decodeSafetensors(new Uint8Array(await readFile(file())), 'a test')
  const [own, texts] = [{ ...tensors }, { ...metadata }]
  without(texts, 'sha256')
  change(own, texts)
  await writeFile(file(), encodeSafetensors({ tensors: own, metadata: texts }))
}
/** Makes another letter, or another digit, of one byte: what is JSON stays JSON. */
async function changeByte(place: (bytes: Buffer) => number): Promise<void> {
  const bytes = await readFile(file())
  const at = place(bytes)
  expect(at).toBeGreaterThan(8)
  bytes[at]! ^= 1
  await writeFile(file(), bytes)
}
const without = <Value>(record: Record<string, Value>, name: string): void => {
  expect(Reflect.deleteProperty(record, name)).toBe(true)
}

describe('a checkpoint that cannot be gone on from is refused, and the store stays as it was', () => {
  test.each<[string, () => Promise<void>]>([
    ['cut off in its values', () => truncate(file(), 5000)],
    ['cut off in its header', () => truncate(file(), 50)],
    ['cut off in its first bytes', () => truncate(file(), 5)],
    ['empty', () => truncate(file(), 0)],
    ['with a byte changed in its values', () => changeByte((bytes) => bytes.length - 999)],
    ['with a byte changed in its loss', () => changeByte((bytes) => bytes.indexOf('1234.5678'))],
    ['with a byte changed in its digest', () => changeByte((bytes) => bytes.indexOf('sha256') + 20)],
    ['with a byte changed in the name of its digest', () => changeByte((bytes) => bytes.indexOf('sha256'))],
    ['of other bytes', () => writeFile(file(), 'no checkpoint at all, but a text that is long enough')],
    [
      'of another run',
      () => rewrite((_, texts) => (texts['progress'] = JSON.stringify({ ...progress, fingerprint: 'b' }))),
    ],
    ['without progress', () => rewrite((_, texts) => without(texts, 'progress'))],
    ['with progress that is no JSON', () => rewrite((_, texts) => (texts['progress'] = '{"fingerprint":'))],
    ['with progress that is no object', () => rewrite((_, texts) => (texts['progress'] = 'null'))],
    ['without one parameter', () => rewrite((tensors) => without(tensors, 'value.item.weight'))],
    ['without one moment', () => rewrite((tensors) => without(tensors, 'second.projection.bias'))],
    ['without a weight of the best epoch', () => rewrite((tensors) => without(tensors, 'best.item.weight'))],
    [
      'with a shorter parameter',
      () => rewrite((tensors) => (tensors['value.item.weight'] = { shape: [2], data: new Float32Array(2) })),
    ],
    [
      'that is a folder',
      async () => {
        await rm(file())
        await mkdir(file())
      },
    ],
  ])('%s', async (_, spoil) => {
    await saveCheckpoint(folder, progress, filledStore(1), best)
    await spoil()
    const store = filledStore(2)
    await expect(restored(folder, store)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining(`remove the folder ${folder} to start anew`) as string,
    })
    expect(contents(store)).toEqual(contents(filledStore(2)))
  })
})
