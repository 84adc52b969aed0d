import { RESERVED } from '../../codes.ts'
import { checkNumber } from '../../options.ts'
import { restoreRandom, seedState, type Random } from '../../random.ts'
import { distinctDraws } from './distinct-draws.ts'
import type { NegativeDistribution } from './distribution.ts'

interface SampledOptions {
  readonly distribution: NegativeDistribution
  /** Negatives a label, above 0. */
  readonly count: number
}

interface EachOptions extends SampledOptions {
  readonly kind: 'each'
}

interface BatchOptions {
  /** How often an item is a target. */
  readonly targets: NegativeDistribution
}

/** Where negatives come from: the kinds of `src/heads/losses`. `shared` ones are distinct, `each` are drawn with replacement. */
export type NegativeDrawsOptions = { readonly seed: number } & (
  | EachOptions
  | ({ readonly kind: 'shared' } & SampledOptions)
  | ({ readonly kind: 'batch' } & BatchOptions)
  | ({ readonly kind: 'mixed' } & SampledOptions & BatchOptions)
)

/** What a loss is fed; the views are good until the next draw. */
export interface DrawnNegatives {
  /** [n] codes, [labels·n] for `each`; nothing for `batch`. */
  readonly codes: Int32Array
  /** As `codes`: ln of how often a code is expected among the negatives of a label. */
  readonly logQ: Float32Array
  /** The same of the targets: [labels]. */
  readonly targetLogQ: Float32Array
}

export interface NegativeDraws {
  /** State of the generator, four words: a checkpoint saves it and writes it back. */
  readonly state: Uint32Array
  /** Codes that are drawn a batch, or a label for `each`: the catalogue at most for `shared` and `mixed`, 0 for `batch`. */
  readonly count: number
  /** Draws anew for a batch of these targets (codes, [labels]), which are of so many sessions. */
  draw(targets: Int32Array, sessions: number): DrawnNegatives
}

/** The stream of the one seed that negatives are drawn from. */
const NEGATIVE_STREAM = 0x6e656761

/**
 * The negatives of one batch after another.
 *
 * Expected counts: `each` n·p; `shared` 1 − (1 − p)^tries, the estimate of TensorFlow's samplers, and 1 from as many negatives as there
 * are items on, which then are every item once, in order; `batch` (labels − labels ÷ sessions)·p, with p the share of targets, as those
 * of a label's own session are none of its negatives, and sessions have so many labels on average; `mixed` the sum of the two, so that the estimate of the softmax's sum counts nothing twice.
 */
export function negativeDraws(options: NegativeDrawsOptions): NegativeDraws {
  const state = seedState(options.seed, NEGATIVE_STREAM).slice(0, 4)
  const source = options.kind === 'each' ? eachSource(options) : batchSource(options)
  const targetLogQ = grown(Float32Array)
  return {
    state,
    count: source.count,
    draw: (targets, sessions) => {
      // The state alone is kept between draws, so that what a checkpoint writes into it counts.
      const random = restoreRandom([...state])
      const drawn = source.draw(targets, {
        ...{ random, sessions },
        targetLogQ: targetLogQ(targets.length),
      })
      state.set(random.state())
      return drawn
    },
  }
}

interface Source {
  readonly count: number
  draw(
    targets: Int32Array,
    given: { readonly random: Random; readonly sessions: number; readonly targetLogQ: Float32Array },
  ): DrawnNegatives
}

function eachSource({ distribution, count }: EachOptions): Source {
  checkCount(count)
  // Looked up once a negative, so made once for all codes.
  const logs = Float32Array.from({ length: distribution.items }, (_, item) =>
    Math.log(count * distribution.probability(item + RESERVED)),
  )
  const memory = { codes: grown(Int32Array), logQ: grown(Float32Array) }
  return {
    count,
    draw: (targets, { random, targetLogQ }) => {
      const codes = memory.codes(targets.length * count)
      const logQ = memory.logQ(codes.length)
      for (let at = 0; at < codes.length; at++) codes[at] = distribution.draw(random)
      for (let at = 0; at < codes.length; at++) logQ[at] = logs[codes[at]! - RESERVED]!
      for (let at = 0; at < targets.length; at++) targetLogQ[at] = logs[targets[at]! - RESERVED]!
      return { codes, logQ, targetLogQ }
    },
  }
}

/** Those that the labels of a batch have in common. */
function batchSource(options: Exclude<NegativeDrawsOptions, { readonly kind: 'each' }>): Source {
  const shared = options.kind === 'batch' ? none : sharedCodes(options)
  const memory = grown(Float32Array)
  return {
    count: shared.count,
    draw: (targets, { random, sessions, targetLogQ }) => {
      const { codes, expected } = shared.draw(random)
      // A batch of one session has no negatives, and nothing depends on their number: 1 keeps its logarithm finite.
      const others = Math.max(targets.length - targets.length / sessions, 1)
      const logOf = (code: number): number =>
        Math.log(
          expected(code) + (options.kind === 'shared' ? 0 : others * options.targets.probability(code)),
        )
      const logQ = memory(codes.length)
      for (let at = 0; at < codes.length; at++) logQ[at] = logOf(codes[at]!)
      for (let at = 0; at < targets.length; at++) targetLogQ[at] = logOf(targets[at]!)
      return { codes, logQ, targetLogQ }
    },
  }
}

interface SharedCodes {
  readonly count: number
  /** Codes, and how often one is expected among them. */
  readonly draw: (random: Random) => {
    readonly codes: Int32Array
    readonly expected: (code: number) => number
  }
}

const none: SharedCodes = { count: 0, draw: () => ({ codes: new Int32Array(0), expected: () => 0 }) }

function sharedCodes({ distribution, count }: SampledOptions): SharedCodes {
  checkCount(count)
  const { items } = distribution
  if (count >= items) {
    const codes = Int32Array.from({ length: items }, (_, item) => item + RESERVED)
    return { count: items, draw: () => ({ codes, expected: () => 1 }) }
  }
  const codes = new Int32Array(count)
  const distinct = distinctDraws(distribution)
  return {
    count,
    draw: (random) => {
      const tries = distinct.draw(codes, random)
      return {
        codes,
        expected: (code) => -Math.expm1(tries * Math.log1p(-distribution.probability(code))),
      }
    },
  }
}

const checkCount = (count: number): void => checkNumber('Negatives: count', count, { integer: true, min: 1 })

/** Views of one memory that grows to the largest length that was asked for. */
function grown<Data extends Int32Array | Float32Array>(
  Kind: new (length: number) => Data,
): (length: number) => Data {
  let memory = new Kind(0)
  return (length) => {
    if (memory.length < length) memory = new Kind(length)
    return memory.subarray(0, length) as Data
  }
}
