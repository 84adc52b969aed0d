import { describe, expect, it } from 'vitest'
import { adamW, type UpdateSettings } from './index.ts'
import { createKernels, createPlainKernels, type Kernels } from '../index.ts'

const betas = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 }
const rule = adamW(betas)
const settings: UpdateSettings = { learningRate: 0.1, weightDecay: 0.5, step: 1, gradientScale: 1 }

const implementations: [string, () => Kernels | Promise<Kernels>][] = [
  ['WebAssembly', () => createKernels({ bytes: 65_536 })],
  ['plain', () => createPlainKernels({ bytes: 65_536 })],
]

function views(kernels: Kernels, parameters: readonly number[], gradients: readonly number[]) {
  const update = {
    parameters: kernels.float32(parameters.length),
    gradients: kernels.float32(gradients.length),
    states: [kernels.float32(parameters.length), kernels.float32(parameters.length)] as const,
  }
  update.parameters.set(parameters)
  update.gradients.set(gradients)
  return update
}

describe.each(implementations)('adamW, %s', (_, create) => {
  it('makes the two updates worked out by hand', async () => {
    const kernels = await create()
    const update = views(kernels, [1, -2, 0.5, 0, 3], [2, 2, -4, 0, 2])
    kernels.update(rule, update, settings)
    // Step 1: m/(1 − β₁) = g and √v/√(1 − β₂) = |g|, so each moves by 0.1·sign(g) after the decay by 1 − 0.1·0.5 = 0.95.
    for (const [index, expected] of [0.85, -2, 0.575, 0, 2.75].entries()) {
      expect(update.parameters[index]).toBeCloseTo(expected, 6)
    }
    expect(update.states[0][2]).toBeCloseTo(-0.4, 6)
    expect(update.states[1][2]).toBeCloseTo(0.16, 6)

    // Step 2 of the first element with g = −1: m = 0.9·0.2 − 0.1 = 0.08, v = 0.99·0.04 + 0.01 = 0.0496,
    // m/(1 − 0.81) = 0.4210526, √(v/(1 − 0.9801)) = √2.4924623 = 1.5787534, p = 0.85·0.95 − 0.1·0.2667 = 0.7808301.
    update.gradients.fill(-1)
    kernels.update(rule, update, { ...settings, step: 2 })
    expect(update.states[0][0]).toBeCloseTo(0.08, 6)
    expect(update.states[1][0]).toBeCloseTo(0.0496, 6)
    expect(update.parameters[0]).toBeCloseTo(0.78083, 5)
  })

  it('stays within 2e-6 of float64 over 50 updates', async () => {
    const kernels = await create()
    const length = 37
    const start = Array.from({ length }, (_, index) => Math.sin(index + 1))
    const gradient = (step: number, index: number) =>
      Math.fround(Math.cos(step * 0.7 + index) * 10 ** -(index % 5))
    const update = views(kernels, start, start)
    const [p, m, v] = [Array.from(update.parameters), start.map(() => 0), start.map(() => 0)]
    for (let step = 1; step <= 50; step++) {
      for (let index = 0; index < length; index++) {
        const g = gradient(step, index)
        update.gradients[index] = g
        // torch.optim.AdamW's formula, with a scale of 0.5 on the gradient.
        m[index] = 0.9 * m[index]! + 0.1 * (g / 2)
        v[index] = 0.999 * v[index]! + 0.001 * (g / 2) ** 2
        const root = Math.sqrt(v[index]!) / Math.sqrt(1 - 0.999 ** step) + 1e-6
        p[index] = p[index]! * (1 - 0.01 * 0.1) - ((0.01 / (1 - 0.9 ** step)) * m[index]!) / root
      }
      const now = { learningRate: 0.01, weightDecay: 0.1, gradientScale: 0.5, step }
      kernels.update(adamW({ beta1: 0.9, beta2: 0.999, epsilon: 1e-6 }), update, now)
    }
    for (let index = 0; index < length; index++) {
      expect(Math.abs(update.parameters[index]! - p[index]!)).toBeLessThan(2e-6)
      expect(Math.abs(update.states[0][index]! / m[index]! - 1)).toBeLessThan(1e-5)
      expect(Math.abs(update.states[1][index]! / v[index]! - 1)).toBeLessThan(1e-5)
    }
  })

  it('lets NaN through, and only where it was', async () => {
    const kernels = await create()
    const update = views(kernels, [1, 1, 1, 1, 1], [1, Number.NaN, 1, 1, Number.NaN])
    kernels.update(rule, update, settings)
    expect(Array.from(update.parameters, Number.isNaN)).toEqual([false, true, false, false, true])
    expect(update.states[0][1]).toBeNaN()
    expect(update.states[1][4]).toBeNaN()
  })

  it('turns moments below the normal numbers into 0, in the vectors and in the tail', async () => {
    const kernels = await create()
    const update = views(kernels, [1, 1, 1, 1, 1], [0, 0, 0, 0, 0])
    update.states[0].set([1e-38, -1e-38, 1e-30, -1e-30, 1e-38])
    update.states[1].set([1e-38, 1e-30, 1e-38, 1e-30, 1e-38])
    kernels.update(rule, update, settings)
    expect(Array.from(update.states[0], (moment) => moment === 0)).toEqual([true, true, false, false, true])
    expect(Array.from(update.states[1], (moment) => moment === 0)).toEqual([true, false, true, false, true])
  })

  it('updates rows as a dense update of the same rows does, and leaves the others alone', async () => {
    const kernels = await create()
    const width = 5
    const table = Array.from({ length: 4 * width }, (_, index) => index / 7 - 1)
    const dense = views(kernels, table, table)
    const sparse = views(kernels, table, table.slice(0, 2 * width))
    const rows = kernels.int32(2)
    rows.set([3, 1])
    sparse.gradients.set(dense.gradients.subarray(3 * width), 0)
    sparse.gradients.set(dense.gradients.subarray(width, 2 * width), width)
    for (let step = 1; step <= 3; step++) {
      kernels.update(rule, dense, { ...settings, step })
      kernels.updateRows(rule, { ...sparse, rows, width }, { ...settings, step })
    }
    const row = (values: Float32Array, index: number) => values.slice(index * width, (index + 1) * width)
    const all = (of: typeof sparse) => [of.parameters, ...of.states]
    for (const [at, values] of all(sparse).entries()) {
      for (const index of [1, 3]) expect(row(values, index)).toEqual(row(all(dense)[at]!, index))
      const before = at === 0 ? Float32Array.from(table) : new Float32Array(4 * width)
      for (const index of [0, 2]) expect(row(values, index)).toEqual(row(before, index))
    }
  })
})

describe('settings and options outside their range are refused', () => {
  it.each([
    [{ learningRate: -1 }, 'learningRate must be a number at least 0'],
    [{ learningRate: Number.NaN }, 'received NaN'],
    [{ weightDecay: -1 }, 'weightDecay'],
    [{ step: 0 }, 'step must be a whole number at least 1'],
    [{ step: 1.5 }, 'step'],
    [{ gradientScale: Infinity }, 'gradientScale'],
  ])('%j', (wrong, message) => {
    expect(() => rule.factors({ ...settings, ...wrong })).toThrow(message)
  })

  it.each([
    [{ beta1: 1 }, 'beta1 must be a number at least 0 and below 1'],
    [{ beta2: -0.1 }, 'beta2'],
    [{ epsilon: 0 }, 'epsilon'],
    [{ beta3: 1 }, "Did you mean 'beta1'?"],
  ])('%j', (wrong, message) => {
    expect(() => adamW({ ...betas, ...wrong })).toThrow(message)
  })
})
