import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, test } from 'vitest'
import { planEvaluation } from '../src/data/index.ts'
import * as ensuite from '../src/index.ts'
import { createRandom } from '../src/random.ts'

const { blocks, features: f, heads, masking } = ensuite
const folder = mkdtempSync(join(tmpdir(), 'ensuite-warm-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const runtime = ensuite.nodeRuntime({ threads: 2 })
const OLD = { items: 12, colours: 5 }
const ALL = { items: 16, colours: 22 }

/** Sessions of `items` items and `colours` colours, every one of which is there. */
function log(name: string, { items, colours }: typeof OLD, seed: number): ensuite.EventSource {
  const random = createRandom(seed)
  const lines = Array.from({ length: 120 }, (_, session) =>
    Array.from({ length: 3 + random.below(3) }, (_event, at) => {
      const item = (session * 3 + at) % items
      return `${name}${session},i${item},c${(session * 7 + at) % colours},${['shoe', 'coat', 'hat'][item % 3]!}`
    }),
  )
  writeFileSync(join(folder, `${name}.csv`), `session,item,colour,kind\n${lines.flat().join('\n')}\n`)
  return { path: join(folder, `${name}.csv`) }
}
const [last, next] = [log('last', OLD, 1), log('next', ALL, 2)]

const defined = ensuite.workflow({
  session: 'session',
  item: 'item',
  features: {
    item: f.category('item'),
    colour: f.category('colour', { buckets: 3 }),
    kind: f.category('kind'),
  },
})
type Options = Omit<ensuite.ModelOptions<'causal'>, 'masking' | 'block' | 'heads'> & {
  readonly block?: ensuite.ModelOptions<'causal'>['block']
  readonly heads?: ensuite.ModelOptions['heads']
}
const block = (width = 8): ReturnType<typeof blocks.sasrec> =>
  blocks.sasrec({ width, layers: 1, heads: 1, dropout: 0.1 })
const made = (schema: ensuite.FeatureSchema, options: Options = {}): ensuite.Model =>
  ensuite.model(schema, {
    masking: masking.causal(),
    block: block(),
    heads: [heads.nextItem()],
    maxLength: 6,
    ...options,
  })
/** One epoch at a learning rate that leaves everything as it started. */
const untrained = { runtime, epochs: 1, optimizer: { learningRate: 0 } }
const name = (() => {
  let count = 0
  return () => join(folder, `artifact${++count}`)
})()

async function saved(
  { model, weights }: ensuite.Trained,
  workflow: ensuite.FittedWorkflow,
): Promise<ensuite.Artifact> {
  const path = name()
  await ensuite.saveArtifact(path, { model, weights, workflow }, { createdAt: new Date() })
  return ensuite.readArtifact(path)
}

/** Scores [sessions, items] of what comes next after each session. */
async function scoresOf(
  { model, weights }: Pick<ensuite.Trained, 'model' | 'weights'>,
  sessions: ensuite.Sessions,
): Promise<Float32Array> {
  const scorer = await ensuite.modelScorer(model, runtime, weights)
  const plan = planEvaluation(sessions, { maxLength: model.maxLength, batchSize: 256, ...model.batchRules })
  const scores = (await scorer.score(plan.batch(0), sessions)).slice()
  await scorer.close()
  return scores
}

/** Every kind of table that has a row a code. */
const variants: Readonly<
  Record<
    string,
    (sessions: ensuite.Sessions, schema: ensuite.FeatureSchema, start?: ensuite.WarmStart) => Promise<Options>
  >
> = {
  'features beside the item': () => Promise.resolve({}),
  'a table and a bias of the head, and classes': (_, { categorical }) =>
    Promise.resolve({
      heads: [
        heads.nextItem({ tieWeights: false, bias: true }),
        heads.multiClass({ target: 'colour', classes: categorical['colour']! - 2 }),
      ],
    }),
  'context and content': async (sessions, schema, start) => ({
    inputs: {
      leaveOut: ['kind'],
      aggregation: 'sum',
      context: { columns: ['colour'], fusion: 'add' },
      content: { features: ['kind'] },
    },
    content: await ensuite.itemContent(sessions, schema, ['kind'], start && { before: start.content }),
  }),
  'content of what grows': async (sessions, schema, start) => ({
    inputs: { leaveOut: ['colour'], content: { features: ['colour'] } },
    content: await ensuite.itemContent(sessions, schema, ['colour'], start && { before: start.content }),
  }),
}

it.each(Object.entries(variants))('%s: old rows and scores stay, new rows are drawn', async (_, options) => {
  const before = await defined.fitTransform(last)
  const trained = await ensuite.train(
    made(before.fitted.schema, await options(before.sessions, before.fitted.schema)),
    before.sessions,
    { runtime, epochs: 2, batchSize: 32 },
  )
  const artifact = await saved(trained, before.fitted)
  const { fitted, sessions } = await defined.fitTransform(next, { extend: artifact.workflow })
  expect(fitted.schema).toMatchObject({
    items: before.fitted.schema.items + 4,
    categorical: { colour: before.fitted.schema.categorical['colour']! + 17, kind: 5 },
  })
  const start = ensuite.warmStart(artifact, fitted)
  const model = made(fitted.schema, {
    ...(await options(before.sessions, fitted.schema, start)),
    warmStart: start,
  })
  const { weights } = await ensuite.train(model, sessions, untrained)
  let grown = 0
  for (const { name, shape, trainable } of model.parameters) {
    const [old, own] = [trained.weights[name]!, weights[name]!]
    expect(own.subarray(0, old.length), name).toEqual(old)
    if (own.length === old.length || !trainable) continue
    grown++
    const width = own.length / shape[0]!
    for (let row = old.length / width; row < shape[0]!; row++) {
      const values = own.subarray(row * width, (row + 1) * width)
      // Biases are zero at the start, as they are from scratch.
      expect(
        values.some((value) => value !== 0),
        `${name} ${row}`,
      ).toBe(!/bias$/.test(name))
    }
  }
  expect(grown).toBeGreaterThan(1)

  const same = await fitted.transform(last)
  const [there, here] = [await scoresOf(trained, before.sessions), await scoresOf({ model, weights }, same)]
  const [few, many] = [before.fitted, fitted].map(({ schema }) => schema.items - 2) as [number, number]
  for (let session = 0; session < same.count; session++)
    for (let item = 0; item < few; item++)
      expect(Math.abs(here[session * many + item]! - there[session * few + item]!)).toBeLessThan(1e-5)

  // The third goes on from the second, which says how wide its tables are.
  const second = await saved({ model, weights, history: [] }, fitted)
  expect(second.manifest.startedFrom).toBe(artifact.digest)
  const third = ensuite.warmStart(second, fitted)
  const again = made(fitted.schema, { ...(await options(sessions, fitted.schema, third)), warmStart: third })
  expect((await ensuite.train(again, sessions, untrained)).weights).toMatchObject(
    Object.fromEntries(
      again.parameters.filter(({ trainable }) => trainable).map((each) => [each.name, weights[each.name]!]),
    ),
  )
})

it('what no new event says of an item is as it was known before', async () => {
  const before = await defined.fitTransform(last)
  const known = await ensuite.itemContent(before.sessions, before.fitted.schema, ['kind'])
  const inputs = { leaveOut: ['kind'], content: { features: ['kind'] } }
  const trained = await ensuite.train(
    made(before.fitted.schema, { inputs, content: known }),
    before.sessions,
    untrained,
  )
  const artifact = await saved(trained, before.fitted)
  // i1 is a coat, and nothing else is told.
  writeFileSync(join(folder, 'few.csv'), 'session,item,colour,kind\na,i0,c0,coat\na,new,c0,hat\n')
  const { fitted, sessions } = await defined.fitTransform(
    { path: join(folder, 'few.csv') },
    { extend: artifact.workflow },
  )
  const start = ensuite.warmStart(artifact, fitted)
  const { kind } = await ensuite.itemContent(sessions, fitted.schema, ['kind'], { before: start.content })
  const says = (item: string): string =>
    fitted.vocabulary('kind').decode(kind![fitted.vocabulary('item').encode(item)]!)
  expect(['i0', 'i1', 'i2', 'new'].map(says)).toEqual(['coat', 'coat', 'hat', 'hat'])
})

test('codes never shrink: what new events do not have stays known', async () => {
  const before = await defined.fit(next)
  const fitted = await defined.fit(last, { extend: before })
  expect(fitted.schema).toEqual(before.schema)
  expect(fitted.vocabulary('item').values).toEqual(before.vocabulary('item').values)
})

test('what does not fit is refused, naming it', async () => {
  const before = await defined.fitTransform(last)
  const trained = await ensuite.train(made(before.fitted.schema), before.sessions, untrained)
  const artifact = await saved(trained, before.fitted)
  const fitted = await defined.fit(next, { extend: artifact.workflow })
  const warmStart = ensuite.warmStart(artifact, fitted)
  const cases: readonly (readonly [Options, string, RegExp])[] = [
    [
      { block: block(16) },
      'SHAPE_MISMATCH',
      /'item\.weight' has the shape \[14, 8\] in it, and \[18, 16\] here; .*; and \d+ more/,
    ],
    [
      { block: blocks.gpt2({ width: 8, layers: 1, heads: 1 }) },
      'SHAPE_MISMATCH',
      /'wpe\.weight' is not in it/,
    ],
    [
      { maxLength: 7 },
      'SHAPE_MISMATCH',
      /'positions\.weight' has the shape \[6, 8\] in it, and \[7, 8\] here\. Give/,
    ],
    [{ heads: [heads.nextItem({ bias: true })] }, 'SHAPE_MISMATCH', /item_bias' is not in it/],
    [{ inputs: { leaveOut: ['kind'] } }, 'SHAPE_MISMATCH', /'categorical\.kind\.weight' is in it alone/],
    [
      { block: { ...block(), weights: { from: 'elsewhere', tensors: {} } } },
      'OPTION_INVALID',
      /weights of elsewhere\. Leave one out/,
    ],
  ]
  for (const [options, code, says] of cases) {
    const make = (): ensuite.Model => made(fitted.schema, { ...options, warmStart })
    expect(make).toThrow(expect.objectContaining({ code }) as Error)
    expect(make).toThrow(says)
  }
  expect(() => made(before.fitted.schema, { warmStart })).toThrow(/made for another workflow/)
})

test('a workflow that gives old codes another meaning is refused', async () => {
  const before = await defined.fitTransform(last)
  const artifact = await saved(
    await ensuite.train(made(before.fitted.schema), before.sessions, untrained),
    before.fitted,
  )
  const others = [
    // Fitted anew: by falling count, and so in another order.
    [await defined.fit(next), /'i\d+' of 'item' has another code .* \{ extend: artifact\.workflow \}/],
    [
      await ensuite
        .workflow({
          session: 'session',
          item: 'item',
          features: {
            item: f.category('item'),
            colour: f.category('colour', { buckets: 4 }),
            kind: f.category('kind'),
          },
        })
        .fit(last),
      /another definition/,
    ],
  ] as const
  for (const [fitted, says] of others) {
    expect(() => ensuite.warmStart(artifact, fitted)).toThrow(says)
    expect(() => ensuite.warmStart(artifact, fitted)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }) as Error,
    )
  }
})

test('a run that was ended goes on bit for bit, and not from another start', async () => {
  const before = await defined.fitTransform(last)
  const inputs = { leaveOut: ['kind'], content: { features: ['kind'] } }
  const content = await ensuite.itemContent(before.sessions, before.fitted.schema, ['kind'])
  const first = made(before.fitted.schema, { inputs, content })
  const artifacts = [1, 2].map(async (seed) =>
    saved(await ensuite.train(first, before.sessions, { runtime, epochs: 1, seed }), before.fitted),
  )
  const parts = await ensuite.fitSplit(defined, next, { kind: 'leave-one-out' }, { extend: before.fitted })
  const warm = async (of: Promise<ensuite.Artifact>): Promise<ensuite.Model> => {
    const warmStart = ensuite.warmStart(await of, parts.fitted)
    const known = await ensuite.itemContent(parts.train, parts.fitted.schema, ['kind'], {
      before: warmStart.content,
    })
    return made(parts.fitted.schema, { inputs, content: known, warmStart })
  }
  const model = await warm(artifacts[0]!)
  const options = { runtime, epochs: 3, batchSize: 32, validation: parts.validation }
  const whole = await ensuite.train(model, parts.train, options)
  const checkpoint = { folder: join(folder, 'checkpoint'), resume: true }
  const ended = ensuite.train(model, parts.train, {
    ...options,
    checkpoint,
    callbacks: [
      {
        onEpoch: ({ epoch }) => {
          if (epoch === 2) throw new Error('ended')
        },
      },
    ],
  })
  await expect(ended).rejects.toThrow('ended')
  const other = ensuite.train(await warm(artifacts[1]!), parts.train, { ...options, checkpoint })
  await expect(other).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
  await expect(other).rejects.toThrow(/warmStart \("[0-9a-f]{16}" there, "[0-9a-f]{16}" here\)/)
  const resumed = await ensuite.train(model, parts.train, { ...options, checkpoint })
  expect(resumed.weights).toEqual(whole.weights)
  expect(resumed.history.map(({ loss }) => loss)).toEqual(whole.history.map(({ loss }) => loss))
})

/** Sessions in which an item mostly follows from the one before, or any follows any; events of all but the first `known` items are not told. */
function planted(
  name: string,
  items: number,
  {
    seed,
    inOrder = true,
    known = items,
  }: { readonly seed: number; readonly inOrder?: boolean; readonly known?: number },
): ensuite.EventSource {
  const random = createRandom(seed)
  const lines = Array.from({ length: 400 }, (_, session) => {
    let item = random.below(items)
    return Array.from({ length: 6 }, () => {
      item = inOrder && random.uniform() < 0.8 ? (item * 2 + 1) % items : random.below(items)
      return item
    }).flatMap((each) => (each < known ? [`${name}${session},p${each}`] : []))
  })
  writeFileSync(join(folder, `${name}.csv`), `session,item\n${lines.flat().join('\n')}\n`)
  return { path: join(folder, `${name}.csv`) }
}

test('what was learnt is learnt in fewer epochs, and what was not is not', async () => {
  const items = ensuite.workflow({ session: 'session', item: 'item' })
  const options = { runtime, batchSize: 32, optimizer: { learningRate: 0.004 } }
  const events = planted('now', 19, { seed: 3 })
  /** Epochs until what follows is mostly known. */
  const epochs = async (before?: ensuite.EventSource): Promise<number> => {
    const old = before && (await items.fitTransform(before))
    const trained =
      old && (await ensuite.train(made(old.fitted.schema), old.sessions, { ...options, epochs: 15 }))
    const artifact = trained && (await saved(trained, old.fitted))
    const { fitted, ...parts } = await ensuite.fitSplit(
      items,
      events,
      { kind: 'leave-one-out' },
      artifact && { extend: artifact.workflow },
    )
    const model = made(fitted.schema, artifact && { warmStart: ensuite.warmStart(artifact, fitted) })
    const { history } = await ensuite.train(model, parts.train, {
      ...options,
      validation: parts.validation,
      filterSeen: false,
      ks: [10],
      epochs: 10,
      patience: 10,
    })
    return history.find(({ validation }) => validation!['ndcg@10']! > 0.7)?.epoch ?? 11
  }
  const scratch = await epochs()
  expect(scratch).toBeLessThan(11)
  const [warm, misled] = [
    await epochs(planted('before', 19, { seed: 4, known: 16 })),
    await epochs(planted('nothing', 19, { seed: 5, inOrder: false, known: 16 })),
  ]
  expect(warm).toBeLessThanOrEqual(scratch / 2)
  expect(misled).toBeGreaterThanOrEqual(scratch)
}, 300_000)
