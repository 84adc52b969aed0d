import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadModel, readArtifact, saveArtifact, servedBy } from '../artifact/index.ts'
import { temporaryFolder } from '../artifact/tiny-model.test-support.ts'
import { sasrec } from '../blocks/index.ts'
import { evaluateHeads } from '../evaluate/index.ts'
import { expressions as f, planOf, type State } from '../expressions/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { binary, multiClass, nextItem, regression, type Head } from '../heads/index.ts'
import { causal } from '../masking/index.ts'
import { model } from '../model.ts'
import { createRandom } from '../random.ts'
import { definition } from '../workflow/definition.ts'
import { createFittedWorkflow } from '../workflow/fitted-workflow.ts'
import { encodedInputs, type Event } from '../workflow/index.ts'
import { fromSource } from './from-source.test-support.ts'
import { loadWith } from './load-recommender.ts'

const workerUrl = fromSource('worker.ts')
const runtime = nodeRuntime({ threads: 1 })
const names = (count: number, of: string): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${of}${at}`)

/** Items i0 to i29, colours, 150 shops, brands with two buckets and a hash. */
function workflowOf() {
  const defined = definition({
    session: 'session',
    item: 'item',
    features: {
      colour: f.category('colour'),
      shop: f.category('shop'),
      brand: f.category('brand', { buckets: 2 }),
      hash: f.hashBucket(f.column('shop', 'text'), 3),
      price: f.column('price', 'number'),
    },
  })
  const state = (values: readonly string[], first = 2): State => ({
    keys: values.map((value) => [value]),
    columns: {
      code: values.map((_, at) => at + first),
      count: values.map((_, at) => values.length - at),
    },
    totals: {},
  })
  const learnt = [
    state(names(30, 'i')),
    state(['red', 'green', '__proto__']),
    state(names(150, 'shop')),
    state(['acme', 'zenith'], 4),
  ]
  const { roots } = planOf(Object.values(defined.features))
  return createFittedWorkflow(defined, [new Map(learnt.map((each, at) => [roots[at]!, each] as const))])
}

const workflow = workflowOf()
const others = [
  binary({ target: 'price', name: 'dear' }),
  multiClass({ target: 'colour', classes: 3, summary: 'mean' }),
  regression({ target: 'price', summary: 'last' }),
]

async function saved(heads: readonly Head[]) {
  const made = model(workflow.schema, {
    masking: causal(),
    block: sasrec({ width: 8, layers: 1, heads: 2 }),
    heads,
    maxLength: 6,
  })
  const random = createRandom(1)
  const weights = Object.fromEntries(
    made.parameters.map(({ name, shape }) => [
      name,
      new Float32Array(shape.reduce((all, dim) => all * dim, 1)).map(() => 0.4 * random.normal()),
    ]),
  )
  const folder = join(await temporaryFolder(), 'shop')
  await saveArtifact(folder, { model: made, weights, workflow }, { createdAt: new Date(0) })
  const recommender = await loadWith(folder, { threads: 1 }, { workerUrl })
  onTestFinished(() => recommender.close())
  return { folder, model: made, weights, recommender }
}

const events: readonly Event[] = [
  { item: 'i1', colour: 'red', shop: 'shop3', brand: 'acme', price: 2 },
  { item: 'i2', colour: 'green', shop: 'shop4', brand: 'other', price: -1 },
  { item: 'i3', colour: 'green', shop: 'shop4', brand: 'acme', price: 1 },
]

test('an artifact with four heads: saved, loaded, evaluated and recommended from', async () => {
  const { folder, model: made, weights, recommender } = await saved([nextItem(), ...others])
  const loaded = loadModel(await readArtifact(folder))
  expect(loaded.model.heads.map(({ name, kind }) => [name, kind])).toEqual([
    ['next-item', 'next-item'],
    ['dear', 'binary'],
    ['colour', 'multi-class'],
    ['price', 'regression'],
  ])
  const inputs = encodedInputs(workflow.definition, workflow.encode([...events, ...events]))
  const sessions = { count: 2, offsets: Int32Array.of(0, 2, 6), ids: ['a', 'b'], ...inputs }
  expect(await evaluateHeads(loaded, sessions, { runtime })).toEqual(
    await evaluateHeads({ model: made, weights }, sessions, { runtime }),
  )

  const { items, predictions, ...rest } = await recommender.recommend(events, { k: 3 })
  expect(rest).toEqual({ unknown: [] })
  expect(items).toHaveLength(3)
  expect(recommender).toMatchObject({ items: 30, heads: ['dear', 'colour', 'price'] })
  const { dear, colour, price } = predictions as {
    readonly dear: number
    readonly colour: Readonly<Record<string, number>>
    readonly price: number
  }
  expect(dear).toBeGreaterThan(0)
  expect(dear).toBeLessThan(1)
  expect(Object.keys(colour).sort()).toEqual(['__proto__', 'green', 'red'])
  expect(Object.values(colour).reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 5)
  expect(price).toBeTypeOf('number')

  // Together, in any company, the same; and the events count.
  const [again, short] = await Promise.all([
    recommender.recommend(events),
    recommender.recommend(events.slice(0, 1)),
  ])
  expect(again.predictions!['price']).toBeCloseTo(price, 5)
  expect(short.predictions!['price']).not.toBeCloseTo(price, 3)
})

test('with nothing to go by there are no predictions', async () => {
  const { recommender } = await saved([nextItem(), ...others])
  const answer = await recommender.recommend([{ item: 'new' }], { k: 1 })
  expect(answer).toMatchObject({ unknown: ['new'], fallback: 'popularity' })
  expect(Object.keys(answer)).toEqual(['items', 'unknown', 'fallback'])
})

test('a model without an item head is saved, and its recommender gives predictions and no items', async () => {
  const { folder, recommender } = await saved(others)
  expect(servedBy((await readArtifact(folder)).manifest)).toMatchObject({ items: 0 })
  expect(recommender).toMatchObject({ items: 0, heads: ['dear', 'colour', 'price'] })
  const answer = await recommender.recommend(events)
  expect(answer).toMatchObject({ items: [], unknown: [] })
  expect(Object.keys(answer.predictions!)).toEqual(['dear', 'colour', 'price'])
  expect(await recommender.recommend([{ item: 'new' }])).toEqual({ items: [], unknown: ['new'] })
  await expect(recommender.recommend(events, { k: 5 })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringMatching(/'k' is of items.*predicts dear, colour, price/) as string,
  })
  await expect(recommender.recommend(events, { excludeSeen: false })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
})

test('of many classes the likeliest hundred, and classes without a raw value by their numbers', async () => {
  const { recommender } = await saved([
    multiClass({ target: 'shop', classes: 150 }),
    multiClass({ target: 'brand', classes: 4 }),
    multiClass({ target: 'hash', classes: 3 }),
  ])
  const { predictions } = await recommender.recommend(events)
  const { shop, brand, hash } = predictions as Readonly<Record<string, Readonly<Record<string, number>>>>
  expect(Object.keys(shop!)).toHaveLength(100)
  expect(Object.keys(shop!).every((name) => /^shop\d+$/.test(name))).toBe(true)
  const left = 1 - Object.values(shop!).reduce((sum, each) => sum + each, 0)
  // The fifty that are left out are less likely than any of these.
  expect(left / 50).toBeLessThan(Math.min(...Object.values(shop!)))
  expect(left).toBeGreaterThan(0)
  expect(Object.keys(brand!).sort()).toEqual(['acme', 'bucket 0', 'bucket 1', 'zenith'])
  expect(Object.keys(hash!)).toEqual(['0', '1', '2'])
})
