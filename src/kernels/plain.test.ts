import { describe, expect, it } from 'vitest'
import { createRandom, seedState } from '../random.ts'
import { ruleNames } from './rules/index.ts'
import {
  adagrad,
  adam,
  adamW,
  createKernels,
  createPlainKernels,
  sgd,
  type Kernels,
  type UpdateRule,
  type UpdateSettings,
} from './index.ts'

// Below, at and above the four lanes and the steps of sixteen, and beyond one block of sumOfSquares.
const lengths = [0, 1, 3, 4, 5, 15, 16, 17, 63, 64, 65, 1000, 1024, 1039, 2500]
const widths = [1, 3, 4, 5, 64, 66]
const bytes = 1_000_000

const settings: UpdateSettings = { learningRate: 0.01, weightDecay: 0.1, step: 3, gradientScale: 0.7 }
const betas = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
const sums = { learningRateDecay: 0.1, epsilon: 1e-10 }
const rules: readonly (readonly [string, UpdateRule])[] = [
  ['adamW', adamW(betas)],
  ['adam', adam(betas)],
  ['sgd', sgd({ momentum: 0, nesterov: false })],
  ['sgd with momentum', sgd({ momentum: 0.9, nesterov: false })],
  ["sgd with Nesterov's momentum", sgd({ momentum: 0.9, nesterov: true })],
  ['adagrad', adagrad({ ...sums, rowWise: false })],
  ['row-wise adagrad', adagrad({ ...sums, rowWise: true })],
]

it('every rule is looked at', () => {
  expect(new Set(rules.map(([, { name }]) => name))).toEqual(new Set(ruleNames))
})

/** Numbers of many magnitudes in a view that begins beside an aligned address, with a sentinel on both sides. */
function numbers(kernels: Kernels, length: number, seed: number): Float32Array {
  const random = createRandom(seed)
  const around = kernels.float32(length + 2).fill(12345)
  const view = around.subarray(1, length + 1)
  for (let index = 0; index < length; index++) view[index] = random.normal() * 10 ** (random.below(9) - 6)
  return view
}

/** How the memory around a view looks, the sentinels included: a write too many shows. */
function around(view: Float32Array): Uint32Array {
  return new Uint32Array(view.buffer, view.byteOffset - 4, view.length + 2).slice()
}

/** Does the same in both implementations; what `work` returns must be equal bit for bit. */
async function expectTwins(work: (kernels: Kernels) => unknown): Promise<void> {
  expect(work(await createKernels({ bytes }))).toEqual(work(createPlainKernels({ bytes })))
}

/** `count` rows out of few, so that many repeat. */
function someIds(kernels: Kernels, count: number, rows: number): Int32Array {
  const random = createRandom(7)
  const ids = kernels.int32(count)
  for (let index = 0; index < count; index++) ids[index] = random.below(rows)
  return ids
}

describe('WebAssembly and plain TypeScript give the same bits', () => {
  describe.each(rules)('%s', (_, rule) => {
    /** States are of squares where they may not be below 0. */
    const vectors = (kernels: Kernels, rows: number, width: number, updated: number) => {
      const states = rule.states.map((name, at) => {
        const state = numbers(kernels, rule.perRow ? rows : rows * width, 3 + at)
        if (['second', 'sum'].includes(name)) state.set(state.map((value) => value ** 2))
        return state
      })
      return {
        ...{ parameters: numbers(kernels, rows * width, 1), gradients: numbers(kernels, updated * width, 2) },
        ...{ states, width },
      }
    }
    const seen = ({ parameters, gradients, states }: ReturnType<typeof vectors>): unknown =>
      [parameters, gradients, ...states].map(around)

    it.each(lengths)('%i elements, three updates', async (length) => {
      await expectTwins((kernels) => {
        const updated = vectors(kernels, length, 1, length)
        for (let step = 3; step < 6; step++) kernels.update(rule, updated, { ...settings, step })
        return seen(updated)
      })
    })

    it.each(widths)('a whole table of width %i', async (width) => {
      await expectTwins((kernels) => {
        const updated = vectors(kernels, 5, width, 5)
        for (let step = 3; step < 6; step++) kernels.update(rule, updated, { ...settings, step })
        return seen(updated)
      })
    })

    it.each(widths)('some rows, width %i', async (width) => {
      await expectTwins((kernels) => {
        const updated = vectors(kernels, 9, width, 4)
        const rows = kernels.int32(4)
        rows.set([8, 0, 3, 5])
        kernels.updateRows(rule, { ...updated, rows }, settings)
        return seen(updated)
      })
    })
  })

  it.each(lengths)('blend, %i elements', async (length) => {
    await expectTwins((kernels) => {
      const [target, source] = [numbers(kernels, length, 1), numbers(kernels, length, 2)]
      kernels.blend(target, source, 0.3)
      return around(target)
    })
  })

  it.each(widths)('scatterAddRows, width %i, with repeated ids and a scale', async (width) => {
    await expectTwins((kernels) => {
      const table = numbers(kernels, 11 * width, 1)
      kernels.scatterAddRows(table, someIds(kernels, 40, 11), numbers(kernels, 40 * width, 2), width, -0.3)
      return around(table)
    })
  })

  it.each(widths)('combineRows, width %i', async (width) => {
    await expectTwins((kernels) => {
      const values = numbers(kernels, 11 * width, 1)
      const out = { rows: kernels.int32(11), values, slots: kernels.int32(11).fill(-1) }
      const rows = { ids: someIds(kernels, 40, 11), values: numbers(kernels, 40 * width, 2), width }
      const unique = kernels.combineRows(rows, out)
      return [
        unique,
        out.rows.slice(0, unique),
        values.slice(0, unique * width),
        around(values).at(-1),
        out.slots,
      ]
    })
  })

  it.each(lengths)('sumOfSquares and fill, %i elements', async (length) => {
    await expectTwins((kernels) => {
      const values = numbers(kernels, length, 5)
      const sum = kernels.sumOfSquares(values)
      kernels.fill(values, 0.1)
      return [sum, around(values)]
    })
  })

  it.each(lengths)('dropoutMask, %i elements, one after the other', async (length) => {
    await expectTwins((kernels) => {
      const state = seedState(3, length)
      return [0, 0.1, 0.5, 0.999].map((probability) => {
        const mask = numbers(kernels, length, 6)
        kernels.dropoutMask(mask, probability, state)
        return [around(mask), state.slice()]
      })
    })
  })
})
