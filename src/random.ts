import { EnsuiteError } from './errors.ts'
import { checkNumber } from './options.ts'

/**
 * A seeded generator of plain numbers: the same seed gives the same draws on every machine and engine
 * (`normal` up to the last bit of the engine's `Math.log` and `Math.cos`).
 *
 * Paper: Blackman and Vigna 2021, xoshiro128**. Not for secrets.
 */
export interface Random {
  /** A whole number in [0, 2³²). */
  next(): number
  /** A number in [0, 1), a multiple of 2⁻³². */
  uniform(): number
  /** A whole number in [0, n), each equally likely; `n` from 1 to 2³². */
  below(n: number): number
  /** Puts `values` into a random order, in place; every order is equally likely. */
  shuffle(values: Int32Array): void
  /** A draw of the normal distribution with mean 0 and deviation 1 (Box–Muller; at most 6.7 from 0). */
  normal(): number
  /** Four whole numbers for `restoreRandom`, safe in JSON. */
  state(): readonly number[]
}

const WORDS = 2 ** 32

/** A generator at the start of stream `stream` of `seed`. Streams of one seed are independent of each other. */
export function createRandom(seed: number, stream = 0): Random {
  return randomFrom(seedState(seed, stream).subarray(0, 4))
}

/** The generator whose `state()` was saved, continuing where it stood. Throws `CHECKPOINT_INVALID` for anything else. */
export function restoreRandom(state: readonly number[]): Random {
  const good =
    Array.isArray(state) &&
    state.length === 4 &&
    state.every((word) => Number.isInteger(word) && word >= 0 && word < WORDS) &&
    state.some((word) => word !== 0)
  if (!good) {
    throw new EnsuiteError(
      'CHECKPOINT_INVALID',
      `restoreRandom expects four whole numbers from 0 to 4294967295, not all 0, received ${JSON.stringify(state)}. Pass what state() returned.`,
    )
  }
  return randomFrom(Uint32Array.from(state))
}

/**
 * Sixteen words that start the four xorshift streams of `Kernels.dropoutMask`: word `4·k + lane` is word `k` of a lane.
 *
 * Made with the finalizer of splitmix32. It is one-to-one, so the sixteen words differ and no lane can be all zero,
 * the one state that a xorshift never leaves.
 *
 * `seed`: 0 to 2⁵³ − 1; `stream`: 0 to 2³² − 1. Throws `OPTION_INVALID` outside.
 */
export function seedState(seed: number, stream = 0): Uint32Array {
  checkNumber('seed', seed, { integer: true, min: 0, max: Number.MAX_SAFE_INTEGER })
  checkNumber('stream', stream, { integer: true, min: 0, below: WORDS })
  const [low, high] = [seed >>> 0, Math.floor(seed / WORDS)]
  return Uint32Array.from({ length: 16 }, (_, index) =>
    mixed(high ^ mixed(stream ^ mixed(low + Math.imul(index + 1, 0x9e3779b9)))),
  )
}

function mixed(word: number): number {
  let t = Math.imul(word ^ (word >>> 16), 0x21f0aaad)
  t = Math.imul(t ^ (t >>> 15), 0x735a2d97)
  return (t ^ (t >>> 15)) >>> 0
}

function randomFrom(words: Uint32Array): Random {
  let [a, b, c, d] = words as unknown as readonly [number, number, number, number]

  const next = (): number => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = rotated(d, 11)
    return result
  }

  const uniform = (): number => next() / WORDS

  const below = (n: number): number => {
    checkNumber('below(n): n', n, { integer: true, min: 1, max: WORDS })
    // The last, incomplete round of remainders would favour small numbers.
    const limit = WORDS - (WORDS % n)
    for (;;) {
      const word = next()
      if (word < limit) return word % n
    }
  }

  return {
    next,
    uniform,
    below,
    shuffle: (values) => {
      for (let last = values.length - 1; last > 0; last--) {
        const other = below(last + 1)
        const value = values[last]!
        values[last] = values[other]!
        values[other] = value
      }
    },
    // 1 − uniform() is never 0. The second number of the pair is not kept, so the state is the four words alone.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    state: () => [a >>> 0, b >>> 0, c >>> 0, d >>> 0],
  }
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}
