import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { encodeArtifact } from '../artifact/encode-artifact.ts'
import {
  artifactFromFiles,
  fitBaseline,
  readAnyArtifact,
  saveBaseline,
  type Artifact,
} from '../artifact/index.ts'
import { tinyBaseline } from '../artifact/tiny-baseline.test-support.ts'
import { sha256 } from '../artifact/sha256.ts'
import { temporaryFolder, tiny, type TinyOptions } from '../artifact/tiny-model.test-support.ts'
import { bert, sasrec, xlnet, type Block } from '../blocks/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { nextItem } from '../heads/index.ts'
import { causal, masked, permuted } from '../masking/index.ts'
import { model } from '../model.ts'
import { createRandom } from '../random.ts'
import { createAddedItems } from '../recommend/added-items.ts'
import { createRecommender } from '../recommend/create-recommender.ts'
import { scoreRows } from '../recommend/score-rows.ts'
import type { SessionRow } from '../recommend/session-row.ts'
import { servedBy } from '../artifact/index.ts'
import { train } from '../train/index.ts'
import { encodedInputs, type Event } from '../workflow/index.ts'
import { createExplainer, type Explanation } from './index.ts'

const runtime = nodeRuntime({ threads: 1 })
const coded = (code: string): Error => expect.objectContaining({ code }) as Error
const events = (...items: readonly string[]): readonly Event[] => items.map((item) => ({ item }))

const artifactOf = (contents: Parameters<typeof encodeArtifact>[0]): Promise<Artifact> =>
  artifactFromFiles(encodeArtifact(contents, { createdAt: new Date(0), packageVersion: '0.0.0', sha256 }))

async function explaining(artifact: Artifact) {
  const explainer = createExplainer(artifact, { runtime })
  onTestFinished(() => explainer.close())
  const served = servedBy(artifact.manifest)
  const scoring = await runtime.open(artifact.recommendOnnx)
  onTestFinished(() => scoring.close())
  const recommender = createRecommender({
    workflow: artifact.workflow,
    maxLength: artifact.manifest.model.maxLength,
    served,
    added: createAddedItems(0),
    scorer: {
      score: async (row) =>
        (await scoreRows(scoring, [row as SessionRow], { served, added: new Float32Array(0) }))[0]!,
      embed: () => Promise.resolve(new Float32Array(0)),
      close: () => Promise.resolve(),
    },
  })
  const scoreOf = async (own: readonly Event[], item: string): Promise<number> => {
    const { items } = await recommender.recommend(own, { k: served.items, excludeSeen: false })
    return items.find((each) => each.item === item)!.score
  }
  return { explainer, scoreOf }
}

const withTiny = async (options: TinyOptions = {}) => explaining(await artifactOf(tiny(options)))
const effects = ({ events }: Explanation): readonly number[] => events.map(({ effect }) => effect)

describe('leaving out', () => {
  test.each<[string, TinyOptions, readonly Event[]]>([
    ['a short session', {}, events('i1', 'i2', 'i3')],
    [
      'more events than the model reads: an older one comes in',
      { maxLength: 3 },
      events('i1', 'i2', 'i3', 'i4', 'i5'),
    ],
    ['unknown items', {}, events('i1', 'new', 'i3', 'i1')],
    [
      'side features',
      { sides: true },
      [
        { item: 'i1', colour: 'red', price: 2 },
        { item: 'i2', price: -1 },
        { item: 'i4', colour: 'blue' },
      ],
    ],
  ])(
    '%s: an effect is the score less what the recommender says without the event',
    async (_, options, session) => {
      const { explainer, scoreOf } = await withTiny(options)
      const explained = await explainer.explain(session, { item: 'i7' })
      const score = await scoreOf(session, 'i7')
      expect(explained.score).toBeCloseTo(score, 5)
      for (const [event, { effect }] of explained.events.entries())
        expect(effect).toBeCloseTo(score - (await scoreOf(session.toSpliced(event, 1), 'i7')), 4)
      const total = explained.events.reduce((sum, each) => sum + Math.abs(each.effect), 0)
      for (const { effect, share } of explained.events) expect(share).toBeCloseTo(effect / total, 6)
      expect(explained).toMatchObject({ item: 'i7', method: 'leave-one-out' })
    },
  )

  test('where nothing else is known, the score is the one event', async () => {
    const { explainer } = await withTiny()
    for (const method of ['leave-one-out', 'gradient'] as const) {
      const { score, events: shares } = await explainer.explain(events('new', 'i2'), { item: 'i7', method })
      expect(shares).toEqual([
        { event: 0, effect: 0, share: 0 },
        { event: 1, effect: score, share: Math.sign(score) },
      ])
    }
  })
})

describe('gradients', () => {
  const blocks = [
    ['sasrec', () => [causal(), sasrec({ width: 8, layers: 2, heads: 2 })]],
    ['bert, which appends a place', () => [masked(), bert({ width: 8, layers: 1, heads: 2 })]],
    ['xlnet, of two streams', () => [permuted(), xlnet({ width: 8, layers: 1, heads: 2 })]],
  ] as const
  test.each(blocks)(
    '%s: of the last event it is what leaving out says, of the first it comes near with the steps',
    async (_, partsOf) => {
      const { workflow } = tiny({ sides: true })
      const [masking, block] = partsOf() as [ReturnType<typeof causal>, Block<'causal'>]
      const made = model(workflow.schema, { masking, block, heads: [nextItem()], maxLength: 6 })
      const weights = Object.fromEntries(
        made.parameters.map(({ name, shape }, at) => {
          const random = createRandom(1, at)
          return [
            name,
            new Float32Array(shape.reduce((all, dim) => all * dim, 1)).map(() => 0.3 * random.normal()),
          ]
        }),
      )
      const { explainer } = await explaining(await artifactOf({ model: made, weights, workflow }))
      // Longer than the model reads: an older event comes in where one is taken out.
      for (const length of [4, 8]) {
        const session = Array.from({ length }, (_, at): Event => ({
          item: `i${at}`,
          colour: ['red', 'blue'][at % 2]!,
          price: at / 2 - 1,
        }))
        const exact = effects(await explainer.explain(session, { item: 'i9' }))
        const first = Math.max(0, length - 6)
        const errors: number[] = []
        for (const steps of [1, 256]) {
          const found = effects(await explainer.explain(session, { item: 'i9', method: 'gradient', steps }))
          expect(found.at(-1)).toBeCloseTo(exact.at(-1)!, 4)
          expect(found.slice(0, first)).toEqual(new Array(first).fill(0))
          errors.push(Math.abs(found[first]! - exact[first]!))
        }
        expect(errors[1]).toBeLessThan(2e-3 * Math.max(1, Math.abs(exact[first]!)))
        expect(errors[1]).toBeLessThanOrEqual(errors[0]! + 1e-6)
      }
    },
  )
})

test.each(['leave-one-out', 'gradient'] as const)(
  '%s: events given in another order than that of their times have the same effects',
  async (method) => {
    const { explainer } = await withTiny({ sides: true, times: true, maxLength: 5 })
    // Longer than the model reads, too: an older event comes in.
    for (const length of [4, 7]) {
      const session = Array.from({ length }, (_, at): Event => ({
        item: `i${at}`,
        colour: ['red', 'blue'][at % 2]!,
        price: at / 2 - 1,
        at: 1_700_000_000_000 + 60_000 * at,
      }))
      const of = async (own: readonly Event[]): Promise<readonly number[]> =>
        effects(await explainer.explain(own, { item: 'i9', method }))
      const inOrder = await of(session)
      expect(new Set(inOrder.slice(-5)).size).toBe(Math.min(length, 5))
      const orders = [session.map((_, at) => length - 1 - at), session.map((_, at) => (3 * at + 1) % length)]
      for (const order of orders) {
        const found = await of(order.map((at) => session[at]!))
        for (const [place, at] of order.entries()) expect(found[place]).toBeCloseTo(inOrder[at]!, 5)
      }
    }
  },
)

test('a model that has learnt which event the next item comes from: leaving out names it, gradients mostly', async () => {
  // Even items come in their order, with odd ones by chance between them: the next even one is told by the last even one alone.
  const { workflow } = tiny({ items: 20 })
  const random = createRandom(3)
  const session = (): readonly string[] => {
    let even = 2 * random.below(10)
    const items = [even]
    while (items.length < 6)
      items.push(random.below(2) === 0 ? 2 * random.below(10) + 1 : (even = (even + 2) % 20))
    return items.map((item) => `i${item}`)
  }
  const raw = Array.from({ length: 1500 }, session)
  const offsets = Int32Array.from({ length: raw.length + 1 }, (_, at) => 6 * at)
  const encoded = encodedInputs(workflow.definition, workflow.encode(events(...raw.flat())))
  const sessions = { count: raw.length, offsets, ...encoded, ids: raw.map((_, at) => String(at)) }
  const made = model(workflow.schema, {
    masking: causal(),
    block: sasrec({ width: 16, layers: 1, heads: 1 }),
    heads: [nextItem()],
    maxLength: 6,
  })
  const { weights } = await train(made, sessions, {
    runtime,
    epochs: 25,
    batchSize: 64,
    optimizer: { learningRate: 5e-3 },
    seed: 1,
  })
  const { explainer } = await explaining(await artifactOf({ model: made, weights, workflow }))
  const right = { 'leave-one-out': 0, gradient: 0 }
  for (let at = 0; at < 100; at++) {
    const own = session()
    const cause = own.findLastIndex((item) => Number(item.slice(1)) % 2 === 0)
    const item = `i${(Number(own[cause]!.slice(1)) + 2) % 20}`
    for (const method of ['leave-one-out', 'gradient'] as const) {
      const found = effects(await explainer.explain(events(...own), { item, method }))
      if (found.indexOf(Math.max(...found)) === cause) right[method]++
    }
  }
  expect(right['leave-one-out']).toBeGreaterThanOrEqual(95)
  // An estimate: attention that jumps from one event to another has gradients that say little on the way.
  expect(right.gradient).toBeGreaterThanOrEqual(70)
})

test.each<[string, readonly Event[], object, string, RegExp]>([
  [
    'an item that the model does not know',
    events('i1'),
    { item: 'new' },
    'OPTION_INVALID',
    /'new' is not known to the model/,
  ],
  ['no item', events('i1'), {}, 'OPTION_INVALID', /'undefined' is not known/],
  [
    'a session without a known item',
    events('new'),
    { item: 'i1' },
    'OPTION_INVALID',
    /knows no item of this session/,
  ],
  [
    'another method',
    events('i1'),
    { item: 'i1', method: 'shapley' },
    'OPTION_INVALID',
    /leave-one-out, gradient/,
  ],
  ['no steps', events('i1'), { item: 'i1', method: 'gradient', steps: 0 }, 'OPTION_INVALID', /at least 1/],
  ['a misspelt option', events('i1'), { item: 'i1', step: 3 }, 'OPTION_UNKNOWN', /Did you mean 'steps'/],
])('%s is refused', async (_, session, options, code, message) => {
  const { explainer } = await withTiny()
  const explained = explainer.explain(session, options as { item: string })
  await expect(explained).rejects.toThrow(message)
  await expect(explained).rejects.toThrow(coded(code))
})

test('a baseline: what a score loses without an event, as its recommender says; gradients it has none', async () => {
  const folder = await temporaryFolder()
  for (const kind of ['vstan', 'item-knn', 'ease', 'popularity'] as const) {
    const contents = tinyBaseline({ kind })
    await saveBaseline(join(folder, kind), contents, { createdAt: new Date(0) })
    const explainer = createExplainer(await readAnyArtifact(join(folder, kind)), { runtime })
    onTestFinished(() => explainer.close())
    const fitted = fitBaseline(contents)
    const scoreOf = (...codes: number[]): number => fitted.scoreAfter(Int32Array.from(codes))[7]!
    const { score, events: shares } = await explainer.explain(events('i5', 'new', 'i6', 'i4'), { item: 'i7' })
    expect(score).toBe(scoreOf(7, 8, 6))
    expect(shares.map(({ effect }) => effect)).toEqual([
      score - scoreOf(8, 6),
      0,
      score - scoreOf(7, 6),
      score - scoreOf(7, 8),
    ])
    const gradient = explainer.explain(events('i5'), { item: 'i7', method: 'gradient' })
    await expect(gradient).rejects.toThrow(/a baseline has no gradients/)
    await expect(gradient).rejects.toThrow(coded('OPTION_INVALID'))
    await expect(explainer.explain(events('new'), { item: 'i7' })).rejects.toThrow(coded('OPTION_INVALID'))
  }
})

test.each<[string, (artifact: Artifact) => readonly unknown[], RegExp]>([
  [
    'nothing',
    () => [],
    /createExplainer expects what readArtifact or readBaseline gives, received undefined/,
  ],
  ['an object', () => [{}, { runtime }], /received an object/],
  [
    'a promise',
    (artifact) => [Promise.resolve(artifact), { runtime }],
    /received a promise of one. Wait for it/,
  ],
  ['no options', (artifact) => [artifact], /object of options, received undefined. Known: runtime/],
  [
    'no runtime',
    (artifact) => [artifact, {}],
    /createExplainer: runtime expects a runtime, such as nodeRuntime/,
  ],
])('%s is refused', async (_, given, message) => {
  const artifact = await artifactOf(tiny({}))
  const call = (): unknown => (createExplainer as (...all: readonly unknown[]) => unknown)(...given(artifact))
  expect(call).toThrow(coded('OPTION_INVALID'))
  expect(call).toThrow(message)
})
