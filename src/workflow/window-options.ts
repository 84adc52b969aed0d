import { literal } from '../events/sql.ts'
import { duckdb } from '../expressions/index.ts'
import { checkChoice, checkNumber, checkOptions } from '../options.ts'

export interface WindowOptions {
  readonly every: 'day' | 'hour'
  /** Shares of each window's sessions; the rest trains. Default 0.1 each. */
  readonly validation?: number
  readonly test?: number
  /** Of the random division; default 1. */
  readonly seed?: number
}

const lengths = { day: 86_400_000, hour: 3_600_000 } as const

/** What a window is divided into, by `window_part`. */
export const windowParts = ['train', 'valid', 'test'] as const

export function checkWindows(options: WindowOptions): void {
  checkOptions('windows', options, ['every', 'validation', 'test', 'seed'])
  checkChoice('windows: every', options.every, Object.keys(lengths))
  const { validation = 0.1, test = 0.1, seed = 1 } = options
  checkNumber('windows: validation', validation, { min: 0, below: 1 })
  checkNumber('windows: test', test, { min: 0, below: 1 })
  checkNumber('windows: validation + test', validation + test, { below: 1 })
  checkNumber('windows: seed', seed, { integer: true, min: 0 })
}

/** A number below a million from the MD5 of seed and session: it decides who trains, validates and tests, the same on every engine and in every run. */
export const windowDraw = ({ seed = 1 }: WindowOptions, session: string): string =>
  duckdb.bucket(`(${literal(`${seed}:`)} || ${session})`, 1_000_000)

/** The columns that divide sessions: `window_number`, the days or hours since 1970 of the first event, and `window_part`, from the draw. */
export function windowColumns(
  { every, validation = 0.1, test = 0.1 }: WindowOptions,
  draw: string,
): readonly string[] {
  const train = Math.round((1 - validation - test) * 1_000_000)
  const valid = Math.round((1 - test) * 1_000_000)
  return [
    `CAST(floor(first_time / ${lengths[every]}) AS BIGINT) AS window_number`,
    `CAST(CASE WHEN ${draw} < ${train} THEN 0 WHEN ${draw} < ${valid} THEN 1 ELSE 2 END AS UTINYINT) AS window_part`,
  ]
}
