import { EnsuiteError } from '../errors.ts'
import { checkBoolean, checkChoice, checkNumber, checkOptions } from '../options.ts'
import { createRandom, type Random } from '../random.ts'

/** One of some values, each equally likely; they are JSON, objects too. */
export interface Choice {
  readonly values: readonly unknown[]
}

/** A number between two, both of which it may be. */
export interface Range {
  readonly from: number
  readonly to: number
  /** `log`: all orders of magnitude are equally likely, and both ends are above 0; default `linear`. */
  readonly scale?: 'linear' | 'log'
  /** Whether it is a whole number; default false. */
  readonly whole?: boolean
}

export type Distribution = Choice | Range

/** What a search looks through: a distribution of each setting, by its name. JSON-safe. */
export type SearchSpace = Readonly<Record<string, Distribution>>

/** A value of each setting of a space. */
export type Settings = Readonly<Record<string, unknown>>

const MOST_SETTINGS = 1000

/** Throws `OPTION_INVALID` and `OPTION_UNKNOWN` unless this is a space of one setting or more. */
export function checkSpace(space: SearchSpace): void {
  checkOptions('tune: space', space, Object.keys(Object(space) as object))
  const entries = Object.entries(space)
  if (entries.length === 0 || entries.length > MOST_SETTINGS)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `tune: space names ${entries.length} settings, and expects 1 to ${MOST_SETTINGS}, such as { "learningRate": { "from": 1e-4, "to": 1e-2, "scale": "log" } }.`,
    )
  for (const [name, distribution] of entries) checkDistribution(`tune: space['${name}']`, distribution)
}

function checkDistribution(where: string, distribution: Distribution): void {
  checkOptions(where, distribution, ['values', 'from', 'to', 'scale', 'whole'])
  if ('values' in distribution) {
    checkOptions(where, distribution, ['values'])
    const { values } = distribution
    if (Array.isArray(values) && values.length > 0) return
    throw new EnsuiteError('OPTION_INVALID', `${where}.values must be a list of one value or more.`)
  }
  const { from, to, scale = 'linear', whole = false } = distribution
  checkChoice(`${where}.scale`, scale, ['linear', 'log'])
  checkBoolean(`${where}.whole`, whole)
  checkNumber(`${where}.from`, from, { integer: whole, ...(scale === 'log' && { above: 0 }) })
  checkNumber(`${where}.to`, to, { integer: whole, min: from })
}

/** The settings of a trial: those of one number are the same whatever else is drawn. */
export function drawSettings(space: SearchSpace, seed: number, trial: number): Settings {
  const random = createRandom(seed, TRIAL_STREAM + trial)
  return Object.fromEntries(
    Object.entries(space).map(([name, distribution]) => [name, draw(distribution, random)]),
  )
}

const TRIAL_STREAM = 0x74750000

function draw(distribution: Distribution, random: Random): unknown {
  if ('values' in distribution) return distribution.values[random.below(distribution.values.length)]
  const { from, to, scale = 'linear', whole = false } = distribution
  const [least, most] = whole ? [from, to + 1] : [from, to]
  const share = random.uniform()
  const value =
    scale === 'log'
      ? Math.exp(Math.log(least) + share * (Math.log(most) - Math.log(least)))
      : least + share * (most - least)
  // Rounding may reach beyond the end.
  return Math.min(to, Math.max(from, whole ? Math.floor(value) : value))
}
