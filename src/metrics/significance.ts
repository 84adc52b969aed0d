import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { checkValues } from './check-values.ts'
import { createRandom } from '../random.ts'

export interface ResamplingOptions {
  /** Share of such intervals that hold the true mean: above 0, below 1; default 0.95. */
  readonly level?: number
  /** Draws of as many sessions as there are; default 2000. The time is resamples × sessions: a second for 2000 × 100,000. */
  readonly resamples?: number
  /** Start of the draws; default 1. The same seed gives the same interval. */
  readonly seed?: number
}

export interface Interval {
  readonly low: number
  readonly high: number
}

/** What two runs differ by, on the same sessions. */
export interface Comparison extends Interval {
  /** The mean of the first less that of the second; `low` and `high` are its interval. */
  readonly difference: number
  /** How likely a difference of this size or more would be, of either sign, if the runs were equally good: from 1 / (resamples + 1) to 1. */
  readonly pValue: number
}

/**
 * The interval of a mean over sessions, such as one of `sessionValues`, by the percentile bootstrap (Efron and Tibshirani 1993, chapter 13): sessions are drawn again, with replacement.
 * It is the noise of drawing these sessions; that of the training seed comes on top.
 *
 * Throws `OPTION_UNKNOWN`, `OPTION_INVALID`, and `SESSIONS_TOO_FEW` for fewer than two values.
 */
export function bootstrapInterval(values: ArrayLike<number>, options: ResamplingOptions = {}): Interval {
  const { level, resamples, seed } = settled('bootstrapInterval', values, options)
  const random = createRandom(seed, BOOTSTRAP_STREAM)
  const means = new Float64Array(resamples)
  for (let at = 0; at < resamples; at++) {
    let sum = 0
    for (let drawn = 0; drawn < values.length; drawn++) sum += values[random.below(values.length)]!
    means[at] = sum / values.length
  }
  means.sort()
  const tail = (1 - level) / 2
  return { low: quantile(means, tail), high: quantile(means, 1 - tail) }
}

/**
 * Whether one run is better than another on the same sessions, in the same order: the values of each session differ by as much as the sessions make them, whatever the sessions are.
 * The interval is the bootstrap's over the differences; the p-value that of the paired randomisation test, which exchanges the two runs session by session
 * (Smucker, Allan and Carterette, "A comparison of statistical significance tests for information retrieval evaluation", CIKM 2007).
 *
 * Throws as `bootstrapInterval` does, and `SHAPE_MISMATCH` where there are not as many values of one as of the other.
 */
export function compareRuns(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  options: ResamplingOptions = {},
): Comparison {
  checkValues('compareRuns: first', first)
  checkValues('compareRuns: second', second)
  if (first.length !== second.length)
    throw new EnsuiteError(
      'SHAPE_MISMATCH',
      `compareRuns expects a value of each session of both runs, received ${first.length} and ${second.length}. Evaluate both on the same sessions.`,
    )
  const differences = Float64Array.from(first, (value, at) => value - second[at]!)
  const interval = bootstrapInterval(differences, options)
  const { resamples, seed } = settled('compareRuns', differences, options)
  const random = createRandom(seed, EXCHANGE_STREAM)
  const difference = differences.reduce((sum, value) => sum + value, 0)
  // What sums in another order differ by is no difference.
  const reached = Math.abs(difference) * (1 - 1e-12)
  let asFar = 0
  for (let at = 0; at < resamples; at++) {
    let sum = 0
    let bits = 0
    for (let session = 0; session < differences.length; session++) {
      if (session % 32 === 0) bits = random.next()
      sum += (bits & 1) === 0 ? differences[session]! : -differences[session]!
      bits >>>= 1
    }
    if (Math.abs(sum) >= reached) asFar++
  }
  return {
    difference: difference / differences.length,
    ...interval,
    pValue: (asFar + 1) / (resamples + 1),
  }
}

const BOOTSTRAP_STREAM = 0x626f0000
const EXCHANGE_STREAM = 0x65780000

function settled(
  where: string,
  values: ArrayLike<number>,
  options: ResamplingOptions,
): Required<ResamplingOptions> {
  checkValues(where, values)
  checkOptions(where, options, ['level', 'resamples', 'seed'])
  const { level = 0.95, resamples = 2000, seed = 1 } = options
  checkNumber(`${where}: level`, level, { above: 0, below: 1 })
  checkNumber(`${where}: resamples`, resamples, { integer: true, min: 100 })
  checkNumber(`${where}: seed`, seed, { integer: true, min: 0 })
  const wrong = Array.from(values).findIndex((value) => !Number.isFinite(value))
  if (wrong !== -1)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}: value ${wrong} (counted from 0) is ${String(values[wrong])}, and no number.`,
    )
  if (values.length < 2)
    throw new EnsuiteError(
      'SESSIONS_TOO_FEW',
      `${where} expects the values of two sessions or more, received ${values.length}. Evaluate more of them.`,
    )
  return { level, resamples, seed }
}

/** Between the two nearest of sorted values. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const next = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (at - below) * (sorted[next]! - sorted[below]!)
}
