import { describe, expect, it } from 'vitest'
import { createRandom, restoreRandom, seedState } from './random.ts'

const draws = (random: { next(): number }, count: number) =>
  Array.from({ length: count }, () => random.next())

describe('seedState', () => {
  it('gives sixteen different words, so that no lane of four is all zero', () => {
    for (const seed of [0, 1, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const state = seedState(seed)
      expect(new Set(state).size).toBe(16)
    }
  })

  it('differs by seed, by the high half of a seed, and by stream', () => {
    const all = [seedState(1), seedState(2), seedState(1 + 2 ** 32), seedState(1, 1), seedState(2, 1)]
    const words = new Set(all.flatMap((state) => [...state]))
    expect(words.size).toBe(5 * 16)
    expect(seedState(1, 1)).toEqual(seedState(1, 1))
  })

  it.each([-1, 1.5, Number.NaN, 2 ** 53])('refuses the seed %s', (seed) => {
    expect(() => seedState(seed)).toThrow(/seed must be a whole number .* received/)
  })

  it('refuses a stream outside 32 bits', () => {
    expect(() => seedState(1, 2 ** 32)).toThrow(/stream must be/)
  })
})

describe('createRandom', () => {
  it('is xoshiro128**: the first numbers from the state 1, 2, 3, 4 worked out by hand', () => {
    // 2·5 = 10, rotated by 7 is 1280, ·9 = 11520. The step leaves (7, 0, 1026, 12288): the second draw is 0.
    // It leaves (12295, 1029, …): 1029·5·2⁷·9 = 5927040.
    const random = restoreRandom([1, 2, 3, 4])
    expect(random.next()).toBe(11520)
    expect(random.state()).toEqual([7, 0, 1026, 12288])
    expect(draws(random, 2)).toEqual([0, 5927040])
  })

  it('repeats by seed and differs by stream', () => {
    expect(draws(createRandom(5), 20)).toEqual(draws(createRandom(5), 20))
    expect(draws(createRandom(5), 20)).not.toEqual(draws(createRandom(5, 1), 20))
  })

  it('continues from a state that went through JSON', () => {
    const random = createRandom(9)
    draws(random, 7)
    const state = JSON.parse(JSON.stringify(random.state())) as number[]
    expect(draws(restoreRandom(state), 50)).toEqual(draws(random, 50))
  })

  it('draws uniformly from [0, 1)', () => {
    const random = createRandom(1)
    const counts = new Array<number>(10).fill(0)
    for (let draw = 0; draw < 100_000; draw++) counts[Math.floor(random.uniform() * 10)]!++
    // 4 deviations of a binomial with 100,000 draws and a share of 0.1.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(4 * Math.sqrt(9_000))
  })

  it('draws below n without favouring small numbers', () => {
    // 3·2³⁰ leaves 2³⁰ words over: taking remainders would draw from the lowest third half of the time.
    const random = createRandom(2)
    const n = 3 * 2 ** 30
    let low = 0
    for (let draw = 0; draw < 30_000; draw++) {
      const value = random.below(n)
      expect(value).toBeLessThan(n)
      if (value < 2 ** 30) low++
    }
    expect(Math.abs(low - 10_000)).toBeLessThan(4 * Math.sqrt(30_000 * (1 / 3) * (2 / 3)))
  })

  it.each([0, -1, 2.5, 2 ** 32 + 1])('refuses below(%s)', (n) => {
    expect(() => createRandom(1).below(n)).toThrow(/below\(n\): n must be a whole number/)
  })

  it('shuffles into every order equally often', () => {
    const random = createRandom(3)
    const counts = new Map<string, number>()
    for (let draw = 0; draw < 24_000; draw++) {
      const values = Int32Array.of(1, 2, 3, 4)
      random.shuffle(values)
      counts.set(values.join(''), (counts.get(values.join('')) ?? 0) + 1)
    }
    expect(counts.size).toBe(24)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(960))
  })

  it('draws normals of mean 0, deviation 1 and kurtosis 3', () => {
    const random = createRandom(4)
    const n = 100_000
    const values = Array.from({ length: n }, () => random.normal())
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / n
    expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(n))
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n))
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n))
  })
})

describe('restoreRandom', () => {
  it.each([[[0, 0, 0, 0]], [[1, 2, 3]], [[1, 2, 3, 2 ** 32]], [[1, 2, 3, -1]], [[1, 2, 3, 0.5]]])(
    'refuses %j',
    (state) => {
      expect(() => restoreRandom(state)).toThrow(
        expect.objectContaining({ code: 'CHECKPOINT_INVALID' }) as Error,
      )
    },
  )
})
