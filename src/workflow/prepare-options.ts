import { EnsuiteError } from '../errors.ts'
import { checkChoice, checkNumber, checkOptions, checkPath } from '../options.ts'
import { columnSchema } from '../schema/column-schema.ts'
import { checkExtended } from './check-extends.ts'
import type { Definition } from './definition.ts'
import { featureTypes } from './feature-types.ts'
import type { FittedWorkflow } from './fitted-workflow.ts'
import { sessionColumns } from './group-sessions.ts'
import type { Period } from './period.ts'
import { checkSplit, type PreparedSplit } from './prepared-split.ts'
import { checkSlice, type SessionSlice } from './session-slice.ts'
import { TIMES } from './time-column.ts'

export interface PrepareOptions {
  /** The folder that is written; one that this function wrote before is replaced. */
  readonly out: string
  /** Sessions of fewer events are left out; default 2, since nothing can be predicted in shorter ones. Events are counted before the slice. */
  readonly minEvents?: number
  /** Of longer sessions the latest events are kept: `slice: { start: -maxEvents }`. 1 only beside `minEvents`. Default: all. */
  readonly maxEvents?: number
  /**
   * Which events of each session are written, as Python's `[start:end]`; sessions of which none is left are left out. Features are computed before,
   * from all events of the session; its context is that of the last event that is kept. Not beside `maxEvents`. Default: all.
   */
  readonly slice?: SessionSlice
  /** How sessions are divided into train, valid and test, and by day or hour. Default: one file of all. */
  readonly split?: PreparedSplit
  /** A fitted workflow of the same definition, whose codes stay as they are; new values get new ones behind them. Default: all is learnt anew. */
  readonly extend?: FittedWorkflow
  /** Learns from the events of this time alone. Default: all times. */
  readonly period?: Period
  /** Learns from the sessions that train, or from all. Default 'training'. */
  readonly learnFrom?: 'training' | 'all'
  /** Bytes that the engine may use, default 1 GB; sessions are computed in as many parts as that needs. */
  readonly memoryLimit?: number
  readonly onProgress?: (progress: PrepareProgress) => void
}

export interface PrepareProgress {
  readonly phase: 'read' | 'learn' | 'group' | 'write'
  readonly done: number
  readonly total: number
}

const MEMORY = 1e9

/** Options that are checked, with what they are unless given. */
export interface CheckedOptions extends Pick<
  PrepareOptions,
  'slice' | 'split' | 'extend' | 'period' | 'onProgress'
> {
  readonly minEvents: number
  readonly learnFrom: 'training' | 'all'
  readonly memoryLimit: number
}

/** Throws `OPTION_UNKNOWN`, `OPTION_INVALID`, or `SCHEMA_INVALID` for a feature without a name. */
export function checkedOptions(definition: Definition, options: PrepareOptions): CheckedOptions {
  checkOptions('prepare', options, [
    'out',
    'minEvents',
    'maxEvents',
    'slice',
    'split',
    'extend',
    'period',
    'learnFrom',
    'memoryLimit',
    'onProgress',
  ])
  checkPath('prepare: out', options.out)
  const { minEvents = 2, learnFrom = 'training', memoryLimit = MEMORY } = options
  const { split, extend, period, onProgress } = options
  checkChoice('prepare: learnFrom', learnFrom, ['training', 'all'])
  checkNumber('prepare: minEvents', minEvents, { integer: true, min: 1 })
  const slice = chosenSlice(options)
  checkNumber('prepare: memoryLimit', memoryLimit, { min: 1e8 })
  if (split !== undefined) checkSplit(split)
  if (options.learnFrom === 'training' && split === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      "prepare: learnFrom 'training' is of sessions that are divided, and nothing divides them. Give a split, or leave learnFrom out.",
    )
  if (extend !== undefined) checkExtended('prepare', definition, extend)
  checkNames(definition)
  if (split?.every !== undefined && definition.time === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'prepare: days and hours need times. Name the column with time in the workflow.',
    )
  return {
    ...{ minEvents, learnFrom, memoryLimit },
    ...(slice !== undefined && { slice }),
    ...(split !== undefined && { split }),
    ...(extend !== undefined && { extend }),
    ...(period !== undefined && { period }),
    ...(onProgress !== undefined && { onProgress }),
  }
}

function chosenSlice({ minEvents, maxEvents, slice }: PrepareOptions): SessionSlice | undefined {
  if (slice !== undefined) checkSlice(slice)
  if (maxEvents === undefined) return slice
  checkNumber('prepare: maxEvents', maxEvents, {
    integer: true,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
  })
  if (maxEvents === 1 && minEvents === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'prepare: of one event a session nothing can be predicted, received maxEvents 1. Give 2 or more; or minEvents, too, where single events are wanted.',
    )
  if (slice === undefined) return { start: -maxEvents }
  throw new EnsuiteError(
    'OPTION_INVALID',
    `prepare expects maxEvents or slice, received both. maxEvents: ${maxEvents} is slice: { start: ${-maxEvents} }; give the slice alone.`,
  )
}

const reserved: readonly string[] = [...sessionColumns, TIMES, 'window_number', 'window_part']

function checkNames(definition: Definition): void {
  const names = Object.keys(featureTypes(definition))
  // What the schema cannot hold is refused before anything is read.
  for (const name of names) columnSchema({ name })
  const taken = names.find((name) => reserved.includes(name.toLowerCase()))
  if (taken === undefined) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    `prepare: no feature can be called '${taken}': columns ${reserved.join(', ')} are prepare's own. Rename it.`,
  )
}
