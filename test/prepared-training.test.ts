import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as ensuite from '../src/index.ts'
import { createRandom } from '../src/random.ts'
import type { TrainOptions } from '../src/train/index.ts'

const { blocks, features: f, heads, masking, openPrepared, prepare, train } = ensuite
const folder = mkdtempSync(join(tmpdir(), 'ensuite-prepared-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const out = join(folder, 'prepared')
const runtime = ensuite.nodeRuntime({ threads: 2 })

beforeAll(async () => {
  const random = createRandom(5)
  const lines = Array.from({ length: 900 }, (_, session) => {
    const day = random.below(6)
    return Array.from({ length: 2 + random.below(6) }, (_event, at) => {
      const time = new Date(Date.UTC(2020, 0, 1 + day, 1, at)).toISOString()
      return `s${session},i${random.below(12)},${random.below(90) / 7},${time}`
    })
  })
  writeFileSync(join(folder, 'log.csv'), `session,item,price,time\n${lines.flat().join('\n')}\n`)
  const workflow = ensuite.workflow({
    session: 'session',
    item: 'item',
    time: 'time',
    features: {
      price: f.continuous('price', { transform: 'log', scale: 'normalize' }),
      hour: f.hour(f.column('time', 'time')),
    },
  })
  await prepare(workflow, { path: join(folder, 'log.csv') }, { out, split: { every: 'day' } })
})

const makeModel = (schema: ensuite.FeatureSchema): ensuite.Model =>
  ensuite.model(schema, {
    masking: masking.causal(),
    block: blocks.sasrec({ width: 8, layers: 1, heads: 1, dropout: 0.1 }),
    heads: [heads.nextItem()],
    maxLength: 6,
  })
const options: TrainOptions = { runtime, epochs: 2, batchSize: 32, seed: 3 }
const losses = ({ history }: ensuite.Trained): readonly number[] => history.map(({ loss }) => loss)

it('one file in one pool trains as its sessions in memory do, bit for bit', async () => {
  const prepared = await openPrepared(out)
  const model = makeModel(prepared.schema)
  const selection = { part: 'train', windows: [2, 2] } as const
  const inMemory = await train(model, await prepared.sessions(selection), options)
  const streamed = await train(model, await prepared.source(selection), options)
  expect(streamed.weights).toEqual(inMemory.weights)
  expect(losses(streamed)).toEqual(losses(inMemory))
})

it('many pools: every session once an epoch, in another order each, and a resumed run goes on bit for bit', async () => {
  const prepared = await openPrepared(out)
  const model = makeModel(prepared.schema)
  const source = await prepared.source({ part: 'train' })
  expect(source.blocks).toHaveLength(6)
  const whole = await prepared.sessions({ part: 'train' })
  expect(source.blocks.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(whole.count)

  const read: number[][] = []
  const watched: ensuite.SessionSource = {
    ...source,
    read: (places) => {
      read.push([...places])
      return source.read(places)
    },
  }
  const pooled = { ...options, epochs: 3, poolSessions: 250 }
  const straight = await train(model, watched, pooled)
  expect(read.length).toBeGreaterThan(2 * 3)
  const epochs = [0, 1, 2].map((epoch) => read.flat().slice(6 * epoch, 6 * (epoch + 1)))
  for (const epoch of epochs) expect([...epoch].sort()).toEqual([0, 1, 2, 3, 4, 5])
  expect(new Set(epochs.map((epoch) => JSON.stringify(epoch))).size).toBeGreaterThan(1)
  const updates = Math.max(...straight.history.map((record) => record.updates))

  const checkpoint = { folder: join(folder, 'run'), everySeconds: 0 }
  const stop = Math.floor(updates / 2)
  let steps = 0
  const interrupted = train(model, source, {
    ...pooled,
    checkpoint,
    callbacks: [
      {
        onUpdate: () => {
          if (++steps === stop) throw new Error('killed')
        },
      },
    ],
  })
  await expect(interrupted).rejects.toThrow('killed')
  const resumed = await train(model, source, { ...pooled, checkpoint: { ...checkpoint, resume: true } })
  expect(resumed.weights).toEqual(straight.weights)
  expect(losses(resumed)).toEqual(losses(straight))
})

it('a selection that nothing matches, and a model of other codes, are refused', async () => {
  const prepared = await openPrepared(out)
  await expect(prepared.sessions({ windows: [40, 50] })).rejects.toMatchObject({ code: 'SESSIONS_TOO_FEW' })
  await expect(prepared.sessions({ part: 'training' as 'train' })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
  const other = makeModel({ ...prepared.schema, items: 5 })
  const training = train(other, await prepared.source({ part: 'train' }), options)
  await expect(training).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

it('the schema says what is in the files', async () => {
  const fitted = await (await openPrepared(out)).fitted()
  const { columns } = fitted.featureSchema()
  expect(columns.map(({ name, dtype, tags }) => [name, dtype, tags.join()])).toEqual([
    ['session', 'string', 'session,id'],
    ['item', 'int32', 'item,id,categorical,list'],
    ['price', 'float32', 'continuous,list'],
    ['hour', 'int32', 'continuous,list'],
  ])
  expect(columns[1]).toMatchObject({
    domain: { min: 0, max: 13 },
    properties: { embedding_sizes: { cardinality: 14, dimension: 16 } },
  })
})
