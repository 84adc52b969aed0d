import { literal } from '../events/sql.ts'
import { duckdb } from '../expressions/index.ts'
import { checkChoice, checkNumber, checkOptions } from '../options.ts'
import { splitUnits, unitNames, type SplitUnit } from './split-units.ts'

/** How sessions are divided into files: who trains, validates and tests is drawn by session. */
export interface PreparedSplit {
  /** Also by the day or hour of the first event, a folder each. Default: not by time. */
  readonly every?: SplitUnit
  /** Shares of the sessions; the rest trains. Default 0.1 each. */
  readonly validation?: number
  readonly test?: number
  /** Of the draw; default 1. */
  readonly seed?: number
}

/** What sessions are divided into, by `window_part`. */
export const splitParts = ['train', 'valid', 'test'] as const

export function checkSplit(options: PreparedSplit): void {
  checkOptions('prepare: split', options, ['every', 'validation', 'test', 'seed'])
  if (options.every !== undefined) checkChoice('split: every', options.every, unitNames)
  const { validation = 0.1, test = 0.1, seed = 1 } = options
  checkNumber('split: validation', validation, { min: 0, below: 1 })
  checkNumber('split: test', test, { min: 0, below: 1 })
  checkNumber('split: validation + test', validation + test, { below: 1 })
  checkNumber('split: seed', seed, { integer: true, min: 0 })
}

/** A number below a million from the MD5 of seed and session: it decides who trains, validates and tests, the same on every engine and in every run. */
export const splitDraw = ({ seed = 1 }: PreparedSplit, session: string): string =>
  duckdb.bucket(`(${literal(`${seed}:`)} || ${session})`, 1_000_000)

const trainBelow = ({ validation = 0.1, test = 0.1 }: PreparedSplit): number =>
  Math.round((1 - validation - test) * 1_000_000)

/** The condition that a session trains; undefined where all do. */
export const isTrained = (split: PreparedSplit, session: string): string | undefined =>
  draws(split) ? `${splitDraw(split, session)} < ${trainBelow(split)}` : undefined

/** Whether anything is drawn: not where all sessions train. */
export const draws = (split: PreparedSplit): boolean => trainBelow(split) < 1_000_000

/** The columns that divide sessions: `window_number`, the days or hours since 1970 of the first event or 0, and `window_part`, from the draw where there is one. */
export function splitColumns(split: PreparedSplit, draw: string): readonly string[] {
  const { every, test = 0.1 } = split
  const valid = Math.round((1 - test) * 1_000_000)
  const window = every === undefined ? '0' : `floor(first_time / ${splitUnits[every]})`
  const part = `CASE WHEN ${draw} < ${trainBelow(split)} THEN 0 WHEN ${draw} < ${valid} THEN 1 ELSE 2 END`
  return [
    `CAST(${window} AS BIGINT) AS window_number`,
    `CAST(${draws(split) ? part : '0'} AS UTINYINT) AS window_part`,
  ]
}
