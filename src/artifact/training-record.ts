import { EnsuiteError } from '../errors.ts'
import { checkBoolean, checkChoice, checkOptions } from '../options.ts'

/** Options of `train` that say what is learnt, and not where it runs: those that an artifact keeps, and a config may name. */
export const trainingOptions = [
  'epochs',
  'batchSize',
  'seed',
  'patience',
  'evaluateEvery',
  'metric',
  'ks',
  'filterSeen',
  'lengthPool',
  'poolSessions',
  'optimizer',
  'schedule',
  'accumulate',
  'averaging',
  'parts',
] as const

/** How a model was trained, JSON-safe: what the model and its workflow do not say. */
export interface TrainingRecord {
  readonly learnFrom?: 'training' | 'all'
  /** The checkpoint folder that the block started from, as it was named. */
  readonly blockFrom?: string
  /** The folder of the artifact that the training went on from, as it was named. */
  readonly warmStart?: string
  /** What was found when leaks were looked for: findings of `checkLeakage`. */
  readonly leakage?: readonly object[]
  /** The digest of the run that trained it, as `run.json` of a run folder has it. */
  readonly run?: string
  readonly train?: Readonly<Partial<Record<(typeof trainingOptions)[number], unknown>>>
}

/** Options of `train` that say how it is divided and measured: a baseline has these alone. */
export const measuringOptions = ['seed', 'ks', 'filterSeen'] as const

/** How a baseline was made, JSON-safe: what it and its workflow do not say. */
export interface BaselineRecord {
  readonly learnFrom?: 'training' | 'all'
  /** What was found by the check for leaks. */
  readonly leakage?: readonly object[]
  readonly train?: Readonly<Partial<Record<(typeof measuringOptions)[number], unknown>>>
}

const LEARN_FROM = ['training', 'all'] as const

/** Throws `OPTION_INVALID` unless this says what vocabularies and statistics are learnt from. */
export const checkLearnFrom = (where: string, learnFrom: unknown): void =>
  checkChoice(`${where}: learnFrom`, learnFrom, LEARN_FROM)

/** Throws `OPTION_INVALID` unless this is the path of a folder. */
export function checkFrom(where: string, from: unknown): void {
  if (typeof from === 'string' && from !== '') return
  throw new EnsuiteError('OPTION_INVALID', `${where} is the path of a checkpoint folder.`)
}

/** Throws `OPTION_INVALID` unless this is the path of a folder. */
export function checkStart(where: string, from: unknown): void {
  if (typeof from === 'string' && from !== '') return
  throw new EnsuiteError('OPTION_INVALID', `${where} is the path of an artifact.`)
}

/** Throws `OPTION_UNKNOWN` and `OPTION_INVALID` unless these are `trainingOptions`. What the optimizer and the schedule take is checked where they are made. */
export function checkTraining(where: string, train: object): void {
  checkOptions(where, train, trainingOptions)
  const { filterSeen, ks = [], metric } = train as Readonly<Record<string, unknown>>
  if (filterSeen !== undefined) checkBoolean(`${where}.filterSeen`, filterSeen)
  if (!Array.isArray(ks) || ks.some((k) => typeof k !== 'number'))
    throw new EnsuiteError('OPTION_INVALID', `${where}.ks is a list of cutoffs, such as [10, 20].`)
  if (!['string', 'undefined'].includes(typeof metric))
    throw new EnsuiteError('OPTION_INVALID', `${where}.metric is the name of a metric, such as "ndcg@10".`)
}

/** Throws `OPTION_UNKNOWN` and `OPTION_INVALID` unless this is `{ learnFrom, blockFrom, warmStart, leakage, run, train }`, each of which may be left out. */
export function checkTrainingRecord(where: string, record: object): void {
  checkOptions(where, record, ['learnFrom', 'blockFrom', 'warmStart', 'leakage', 'run', 'train'])
  const {
    learnFrom,
    blockFrom,
    warmStart,
    leakage = [],
    run = '',
    train,
  } = record as Readonly<Record<string, unknown>> & {
    readonly train?: object
  }
  if (learnFrom !== undefined) checkLearnFrom(where, learnFrom)
  if (blockFrom !== undefined) checkFrom(`${where}: blockFrom`, blockFrom)
  if (warmStart !== undefined) checkStart(`${where}: warmStart`, warmStart)
  if (!Array.isArray(leakage))
    throw new EnsuiteError('OPTION_INVALID', `${where}: leakage is a list of what was found.`)
  if (typeof run !== 'string')
    throw new EnsuiteError('OPTION_INVALID', `${where}: run is the digest of a run.`)
  if (train !== undefined) checkTraining(`${where}: train`, train)
}

/** Throws `OPTION_UNKNOWN` and `OPTION_INVALID` unless this is `{ learnFrom, train }`, each of which may be left out, with `measuringOptions` alone. */
export function checkBaselineRecord(where: string, record: object): void {
  checkOptions(where, record, ['learnFrom', 'leakage', 'train'])
  const { train } = record as { readonly train?: object }
  if (train !== undefined) checkOptions(`${where}: train`, train, measuringOptions)
  checkTrainingRecord(where, record)
}
