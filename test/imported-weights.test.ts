import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { graph, type TensorData } from '../src/graph/index.ts'
import { checkpoint } from '../src/huggingface/checkpoint.test-support.ts'
import * as ensuite from '../src/index.ts'
import { plantedLog } from './cli/run.ts'

const { blocks, heads, masking, model, nodeRuntime, train } = ensuite
const folder = mkdtempSync(join(tmpdir(), 'ensuite-imported-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let fitted: ensuite.FittedWorkflow
let sessions: ensuite.Sessions

beforeAll(async () => {
  writeFileSync(join(folder, 'clicks.csv'), plantedLog({ sessions: 30, length: 6, items: 12 }))
  const time = ensuite.features.column('time', 'seconds')
  const prepare = ensuite.workflow({ session: 'session', item: 'item', time })
  ;({ fitted, sessions } = await prepare.fitTransform({ path: join(folder, 'clicks.csv') }))
})

const runtime = nodeRuntime({ threads: 1 })
/** Steps too small for single precision: what comes out is what training starts from. */
const standing = { epochs: 1, runtime, optimizer: { learningRate: 1e-30 } }

const modelOf = (block: Awaited<ReturnType<typeof blocks.fromHuggingFace>>, of: 'causal' | 'masked') =>
  model(fitted.schema, {
    block,
    masking: masking.maskingOfKind(of),
    heads: [heads.nextItem()],
    maxLength: 6,
  })

type Weights = Readonly<Record<string, Float32Array>>

/** The scores of what comes after these items, an item each. */
async function scores(made: ensuite.Model, weights: Weights, codes = [2, 5, 7]): Promise<number[]> {
  const program = await runtime.compile(graph({ scores: made.recommendation()['next-item']! }))
  const feeds: Record<string, TensorData> = {
    items: { dtype: 'int32', dims: [1, codes.length], data: Int32Array.from(codes) },
    ...Object.fromEntries(
      made.parameters.map(({ name, shape }) => [
        name,
        { dtype: 'float32' as const, dims: shape, data: weights[name]! },
      ]),
    ),
  }
  const results = await program.run(feeds)
  await program.close()
  return [...(results['scores']!.data as Float32Array)]
}

test.each([
  ['gpt2', 'causal'],
  ['roberta', 'masked'],
  ['albert', 'masked'],
  ['xlnet', 'causal'],
] as const)('training of %s starts from the weights of the checkpoint', async (name, of) => {
  const block = await blocks.fromHuggingFace(checkpoint(name), { dropout: 0 })
  const made = modelOf(block, of)
  const { weights } = await train(made, sessions, standing)
  for (const [parameter, { data }] of Object.entries(block.weights!.tensors))
    expect([parameter, weights[parameter]]).toEqual([parameter, data.subarray(0, weights[parameter]!.length)])
  // They matter: what is drawn scores otherwise.
  const anew = modelOf(blocks.blockOfKind(block.kind, block.options), of)
  const other = await train(anew, sessions, standing)
  expect(await scores(made, other.weights)).not.toEqual(await scores(made, weights))
})

test('an artifact of what it was trained to is one like any other', async () => {
  const block = await blocks.fromHuggingFace(checkpoint('gpt2'))
  const made = modelOf(block, 'causal')
  const trained = await train(made, sessions, { epochs: 3, runtime })
  const moved = trained.weights['ln_f.weight']!.some(
    (value, at) => value !== block.weights!.tensors['ln_f.weight']!.data[at],
  )
  expect(moved).toBe(true)
  const path = join(folder, 'artifact')
  const createdAt = new Date()
  await ensuite.saveArtifact(path, { ...trained, workflow: fitted }, { createdAt })
  const artifact = await ensuite.readArtifact(path)
  const loaded = ensuite.loadModel(artifact)
  expect(artifact.manifest.model.block).toEqual({ kind: 'gpt2', options: block.options })
  expect(loaded.model.block.weights).toBeUndefined()
  expect(loaded.weights).toEqual(trained.weights)
  expect(await scores(loaded.model, loaded.weights)).toEqual(await scores(made, trained.weights))

  const recommender = await ensuite.loadRecommender(path)
  const events = ['i0', 'i3', 'i5'].map((item) => ({ item }))
  const { items } = await recommender.recommend(events, { k: 12, excludeSeen: false })
  await recommender.close()
  const code = (item: string): number => fitted.vocabulary('item').encode(item)
  const own = await scores(
    made,
    trained.weights,
    events.map(({ item }) => code(item)),
  )
  expect(items).toHaveLength(12)
  for (const { item, score } of items) expect(score).toBeCloseTo(own[code(item) - 2]!, 5)
})

test('a block of imported weights goes with the maskings of its kind, and no more places than it has', async () => {
  const block = await blocks.fromHuggingFace(checkpoint('gpt2'))
  expect(() => modelOf(block, 'masked')).toThrow(/'gpt2' cannot be trained with masking 'masked'/)
  const long = { block, masking: masking.causal(), heads: [heads.nextItem()], maxLength: 13 }
  expect(() => model(fitted.schema, long)).toThrow(/Choose a maxLength of at most 12/)
})

test('a run that is resumed must start from the same weights', async () => {
  const options = { epochs: 1, runtime, checkpoint: { folder: join(folder, 'run') } }
  const block = await blocks.fromHuggingFace(checkpoint('gpt2'))
  await train(modelOf(block, 'causal'), sessions, options)
  const resumed = { ...options, checkpoint: { ...options.checkpoint, resume: true } }
  await train(modelOf(block, 'causal'), sessions, resumed)
  const anew = modelOf(blocks.blockOfKind('gpt2', block.options), 'causal')
  await expect(train(anew, sessions, resumed)).rejects.toThrow(/block\.weights \(".*" there, none here\)/)
})
