import { describe, expect, it } from 'vitest'
import { createRandom, seedState } from '../random.ts'
import { createKernels, createPlainKernels, keptShare, type Kernels } from './index.ts'

const bytes = 9_000_000
const implementations: [string, () => Kernels | Promise<Kernels>][] = [
  ['WebAssembly', () => createKernels({ bytes })],
  ['plain', () => createPlainKernels({ bytes })],
]

function floats(kernels: Kernels, values: readonly number[]): Float32Array {
  const view = kernels.float32(values.length)
  view.set(values)
  return view
}

function integers(kernels: Kernels, values: readonly number[]): Int32Array {
  const view = kernels.int32(values.length)
  view.set(values)
  return view
}

describe.each(implementations)('scatterAddRows, %s', (_, create) => {
  it('adds rows of repeated ids, the scale being 1 unless given', async () => {
    const kernels = await create()
    const table = floats(kernels, [0, 0, 0, 10, 10, 10, 20, 20, 20])
    const ids = integers(kernels, [2, 0, 2, 2])
    const values = floats(kernels, [1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 100, 100])
    kernels.scatterAddRows(table, ids, values, 3)
    expect([...table]).toEqual([4, 5, 6, 10, 10, 10, 128, 130, 132])
    kernels.scatterAddRows(table, ids, values, 3, -2)
    expect([...table]).toEqual([-4, -5, -6, 10, 10, 10, -88, -90, -92])
  })

  it('is exact for whole numbers, however often an id repeats', async () => {
    const kernels = await create()
    const random = createRandom(11)
    const [rows, width, count] = [50, 6, 5000]
    const table = kernels.float32(rows * width)
    const ids = integers(
      kernels,
      Array.from({ length: count }, () => random.below(rows)),
    )
    const values = floats(
      kernels,
      Array.from({ length: count * width }, () => random.below(200) - 100),
    )
    const expected = new Array<number>(rows * width).fill(0)
    values.forEach(
      (value, index) => (expected[ids[Math.floor(index / width)]! * width + (index % width)]! += value),
    )
    kernels.scatterAddRows(table, ids, values, width)
    expect([...table]).toEqual(expected)
  })

  it('adds in the order of the ids', async () => {
    const kernels = await create()
    const add = (values: readonly number[]) => {
      const table = floats(kernels, [0])
      kernels.scatterAddRows(table, integers(kernels, [0, 0, 0]), floats(kernels, values), 1)
      return table[0]
    }
    // In float32, 1 is lost beside 2²⁵.
    expect(add([2 ** 25, -(2 ** 25), 1])).toBe(1)
    expect(add([2 ** 25, 1, -(2 ** 25)])).toBe(0)
  })
})

describe.each(implementations)('combineRows, %s', (_, create) => {
  const ids = [7, 2, 7, 0, 2, 7]
  const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]

  it('adds up equal ids in the order of their first appearance and leaves the slots at −1', async () => {
    const kernels = await create()
    const out = { rows: kernels.int32(6), values: kernels.float32(12), slots: kernels.int32(9).fill(-1) }
    const rows = { ids: integers(kernels, ids), values: floats(kernels, values), width: 2 }
    expect(kernels.combineRows(rows, out)).toBe(3)
    expect([...out.rows.subarray(0, 3)]).toEqual([7, 2, 0])
    expect([...out.values.subarray(0, 6)]).toEqual([1 + 5 + 11, 2 + 6 + 12, 3 + 9, 4 + 10, 7, 8])
    expect([...out.slots]).toEqual(new Array(9).fill(-1))
    expect([...rows.values]).toEqual(values)
  })

  it('works in place', async () => {
    const kernels = await create()
    const rows = { ids: integers(kernels, ids), values: floats(kernels, values), width: 2 }
    const out = { rows: rows.ids, values: rows.values, slots: kernels.int32(9).fill(-1) }
    expect(kernels.combineRows(rows, out)).toBe(3)
    expect([...rows.ids.subarray(0, 3)]).toEqual([7, 2, 0])
    expect([...rows.values.subarray(0, 6)]).toEqual([17, 20, 12, 14, 7, 8])
  })

  it('is not led astray by slots that were left dirty', async () => {
    const kernels = await create()
    const out = { rows: kernels.int32(6), values: kernels.float32(12), slots: kernels.int32(9).fill(1) }
    const rows = { ids: integers(kernels, ids), values: floats(kernels, values), width: 2 }
    out.slots[2] = 2_000_000_000
    expect(kernels.combineRows(rows, out)).toBe(3)
    expect([...out.values.subarray(0, 6)]).toEqual([17, 20, 12, 14, 7, 8])
  })

  it('needs room for as many rows as there are ids or table rows, whichever is less', async () => {
    const kernels = await create()
    const rows = { ids: integers(kernels, [1, 0, 1]), values: floats(kernels, [1, 2, 4]), width: 1 }
    const out = { rows: kernels.int32(2), values: kernels.float32(2), slots: kernels.int32(2).fill(-1) }
    expect(kernels.combineRows(rows, out)).toBe(2)
    expect([...out.values]).toEqual([5, 2])
    expect(() => kernels.combineRows(rows, { ...out, rows: kernels.int32(1) })).toThrow(
      'combineRows: out.rows must have 2 or more elements, received 1.',
    )
  })
})

describe.each(implementations)('sumOfSquares and fill, %s', (_, create) => {
  it('is exact where float32 is, over blocks and tail', async () => {
    const kernels = await create()
    const values = kernels.float32(2051)
    kernels.fill(values, 3)
    expect(values.every((value) => value === 3)).toBe(true)
    expect(kernels.sumOfSquares(values)).toBe(2051 * 9)
  })

  it('does not lose small squares beside many others', async () => {
    const kernels = await create()
    const values = kernels.float32(1_000_000)
    kernels.fill(values, 0.1)
    // A single float32 sum would be off by 1e-3 or more here.
    expect(Math.abs(kernels.sumOfSquares(values) / (1_000_000 * Math.fround(0.1) ** 2) - 1)).toBeLessThan(
      1e-6,
    )
  })
})

describe.each(implementations)('dropoutMask, %s', (_, create) => {
  const count = 1_000_000

  it.each([0.1, 0.5, 0.9])(
    'keeps its exact share at probability %f, in every position alike',
    async (probability) => {
      const kernels = await create()
      const mask = kernels.float32(count)
      kernels.dropoutMask(mask, probability, seedState(42))
      const share = keptShare(probability)
      const value = Math.fround(1 / share)
      const kept = new Array<number>(16).fill(0)
      mask.forEach((element, index) => {
        if (element === value) kept[index % 16]!++
        else if (element !== 0) throw new Error(`element ${index} is ${element}`)
      })
      const deviation = (n: number) => Math.sqrt(n * share * (1 - share))
      const all = kept.reduce((sum, each) => sum + each)
      expect(Math.abs(all - count * share)).toBeLessThan(4 * deviation(count))
      for (const each of kept)
        expect(Math.abs(each - (count / 16) * share)).toBeLessThan(4 * deviation(count / 16))
    },
  )

  it('does not repeat between neighbours, lanes or steps', async () => {
    const kernels = await create()
    const mask = kernels.float32(count)
    kernels.dropoutMask(mask, 0.5, seedState(1))
    for (const distance of [1, 4, 8, 16, 64]) {
      let equal = 0
      for (let index = distance; index < count; index++) if (mask[index] === mask[index - distance]) equal++
      expect(Math.abs(equal - (count - distance) / 2)).toBeLessThan(4 * Math.sqrt(count / 4))
    }
  })

  it('continues: two halves equal one whole, and the state goes on', async () => {
    const kernels = await create()
    const [whole, halves] = [kernels.float32(208), kernels.float32(208)]
    const [stateOfWhole, stateOfHalves] = [seedState(5), seedState(5)]
    kernels.dropoutMask(whole, 0.3, stateOfWhole)
    kernels.dropoutMask(halves.subarray(0, 96), 0.3, stateOfHalves)
    kernels.dropoutMask(halves.subarray(96), 0.3, stateOfHalves)
    expect(halves).toEqual(whole)
    expect(stateOfHalves).toEqual(stateOfWhole)
    expect(whole.subarray(0, 96)).not.toEqual(whole.subarray(112))
  })

  it('gives the same mask by seed and another by stream, and takes a state in its own memory', async () => {
    const kernels = await create()
    const draw = (state: Uint32Array) => {
      const mask = kernels.float32(100)
      kernels.dropoutMask(mask, 0.5, state)
      return mask
    }
    const words = kernels.int32(16)
    const inMemory = new Uint32Array(words.buffer, words.byteOffset, 16)
    inMemory.set(seedState(8))
    const first = draw(seedState(8))
    expect(draw(seedState(8))).toEqual(first)
    expect(draw(inMemory)).toEqual(first)
    expect(draw(seedState(8, 1))).not.toEqual(first)
  })

  it('takes the bytes of one xorshift step worked out by hand', async () => {
    const kernels = await create()
    // x = 1, w = 2: t = 1 ^ 2¹¹ = 2049, t >>> 8 = 8, w' = 2 ^ 0 ^ 2049 ^ 8 = 0x080b: bytes 11, 8, 0, 0 of lane 0.
    const state = new Uint32Array(16)
    state.set([1], 0)
    state.set([2], 12)
    state.set([128, 128, 128], 13) // Lanes 1 to 3: w' = 128, bytes 128, 0, 0, 0.
    const mask = kernels.float32(16)
    // Keeps 8 of 256: the bytes 0 to 7, so not 8.
    kernels.dropoutMask(mask, 1 - 8 / 256, state)
    expect([...mask]).toEqual([0, 0, 32, 32, 0, 32, 32, 32, 0, 32, 32, 32, 0, 32, 32, 32])
    expect([...state.subarray(12)]).toEqual([0x80b, 128, 128, 128])
  })

  it('keeps all at 0 and one of 256 at nearly 1', async () => {
    const kernels = await create()
    const mask = kernels.float32(1000)
    kernels.dropoutMask(mask, 0, seedState(1))
    expect(mask.every((element) => element === 1)).toBe(true)
    kernels.dropoutMask(mask, 0.9999, seedState(1))
    expect(mask.every((element) => element === 0 || element === 256)).toBe(true)
  })
})
