import { describe, expect, it } from 'vitest'
import type { Block } from '../src/blocks/index.ts'
import { blockVariants } from '../src/blocks/variants.test-support.ts'
import type { FeatureSchema, InputOptions } from '../src/inputs/index.ts'
import { nextItem, type Head } from '../src/heads/index.ts'
import { maskingOfKind, type MaskingKind } from '../src/masking/index.ts'
import { model, type Model } from '../src/model.ts'
import { initialise } from '../src/nn/index.ts'
import { createRandom } from '../src/random.ts'
import { add, cast, greaterOrEqual, mul, reshape, sum } from '../src/graph/index.ts'
import { invariants } from './invariants/invariants.ts'
import { ITEMS, MAX_LENGTH } from './invariants/run-model.ts'

/** The invariants that every part keeps, over all blocks and the maskings they go with, with and without side features. */

const shape = { width: 16, layers: 2, heads: 2, dropout: 0.3, window: 4 }
interface Sides extends Omit<FeatureSchema, 'items'> {
  readonly inputs?: InputOptions
}
const several = { colour: 7, page: 7, tag_1: 6, tag_2: 6, country: 5 }
const rich: InputOptions = {
  lists: { tags: { of: ['tag_1', 'tag_2'] } },
  pretrained: { text: { width: 3 } },
  layerNorm: true,
  dropout: 0.2,
  swapNoise: 0.1,
}
const features: Readonly<Record<string, Sides>> = {
  'items only': { categorical: {}, continuous: [] },
  'with side features': { categorical: { colour: 7, page: 5 }, continuous: ['price', 'gap'] },
  'with soft embeddings, lists, vectors, and context that multiplies': {
    categorical: several,
    continuous: ['price', 'gap', 'age'],
    inputs: { ...rich, continuous: 'soft', context: { columns: ['country', 'age'], fusion: 'multiply' } },
  },
  'as a product with the item, of shared tables and repeated context, items with content': {
    categorical: several,
    continuous: ['price', 'gap'],
    inputs: {
      ...rich,
      aggregation: 'item-product',
      content: { features: ['tag_1', 'gap'], vectors: { image: 2 }, hidden: [8], dropout: 0.4 },
      shared: [['colour', 'page']],
      context: { columns: ['country'] },
    },
  },
}
const heads: Readonly<Record<string, () => Head>> = {
  tied: () => nextItem(),
  untied: () => nextItem({ tieWeights: false, temperature: 0.7 }),
}

function made(block: Block<MaskingKind>, masking: MaskingKind, sides: string, head: string): Model {
  // The discriminator has a loss of its own, which the heads' predictions do not explain.
  const options = masking === 'replaced' ? { discriminatorWeight: 0 } : {}
  const { inputs = {}, ...columns } = features[sides]!
  const vectors = Float32Array.from({ length: 3 * ITEMS }, (_, at) => Math.sin(at + 1))
  return model(
    { items: ITEMS, ...columns },
    {
      inputs,
      ...(inputs.pretrained && { pretrained: { text: vectors } }),
      ...(inputs.content && {
        content: {
          tag_1: Float32Array.from({ length: ITEMS }, (_, at) => at % 6),
          gap: vectors.subarray(0, ITEMS),
          image: vectors.subarray(0, 2 * ITEMS),
        },
      }),
      masking: maskingOfKind(masking, options),
      block,
      heads: [heads[head]!()],
      maxLength: MAX_LENGTH,
    },
  )
}

/** Every kind there is, with every masking that it goes with: a new one is tested without a line here. */
const pairs = blockVariants(shape).flatMap(({ name, block }) =>
  block.supports.map((masking) => ({ name, block, masking })),
)

for (const { name: kind, block, masking } of pairs)
  for (const [sides, { inputs }] of Object.entries(features))
    for (const head of inputs === undefined ? Object.keys(heads) : ['tied'])
      describe(`${kind}, ${masking}, ${sides}, ${head}`, () => {
        const own = made(block, masking, sides, head)
        for (const [name, check] of Object.entries(invariants)) it(name, () => check(own))

        it('never scores padding or unknown, and padding stays zero', () => {
          const table = own.parameters.find(({ name }) => name === 'item.weight')!
          const values = new Float32Array(ITEMS * 16).fill(1)
          initialise(values, table.shape, table.initializer, createRandom(1))
          expect(values.subarray(0, 16).every((value) => value === 0)).toBe(true)
          expect(values.subarray(16).every((value) => value !== 0)).toBe(true)
          expect(own.evaluation()['next-item']!.shape).toEqual(['labels', ITEMS - 2])
          expect(own.recommendation()['next-item']!.shape).toEqual(['batch', ITEMS - 2])
        })
      })

describe('catches', () => {
  const all: readonly MaskingKind[] = ['causal', 'masked', 'permuted', 'replaced']
  const block = (build: Block<MaskingKind>['build']): Block<MaskingKind> => ({
    kind: 'faulty',
    options: {},
    width: 16,
    supports: all,
    build,
  })
  /** The invariants that such a block breaks. */
  const broken = async (faulty: Block<MaskingKind>, masking: MaskingKind): Promise<readonly string[]> => {
    const own = made(faulty, masking, 'items only', 'tied')
    const results = await Promise.all(
      Object.entries(invariants).map(async ([name, check]) => {
        try {
          await check(own)
          return []
        } catch {
          return [name]
        }
      }),
    )
    return results.flat()
  }

  it('a block that looks at everything, whatever the masking says', async () => {
    const leaking = block((scope, x) => {
      const weight = scope.parameter('weight', [16], { kind: 'normal', deviation: 0.5 })
      return add(mul(x, weight), sum(x, { axes: [1], keepDims: true }))
    })
    expect(await broken(leaking, 'causal')).toContain('what is hidden changes nothing')
    expect(await broken(leaking, 'permuted')).toContain('what is hidden changes nothing')
  })

  it('a block that looks at padding', async () => {
    // Every state depends on how long its row is, padding included.
    const leaking = block((scope, x, { positions }) => {
      const weight = scope.parameter('weight', [16], { kind: 'normal', deviation: 0.5 })
      const places = cast(greaterOrEqual(positions, 0), 'float32')
      return add(mul(x, weight), reshape(sum(places, { axes: [1] }), [x.shape[0]!, 1, 1]))
    })
    expect(await broken(leaking, 'causal')).toContain('padding and company change nothing')
  })
})
