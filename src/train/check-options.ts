import { isSource, type Sessions, type SessionSource } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkBoolean, checkChoice, checkNumber, checkOptions, checkPath, checkRuntime } from '../options.ts'
import { checkCallbacks } from './listeners.ts'
import { checkPartOptions } from './parts.ts'
import { settleUpdates } from './settle-updates.ts'
import type { TrainOptions } from './train-options.ts'

const KNOWN = [
  ...[
    'runtime',
    'validation',
    'epochs',
    'batchSize',
    'seed',
    'patience',
    'metric',
    'ks',
    'filterSeen',
    'optimizer',
  ],
  ...['schedule', 'lengthPool', 'poolSessions', 'checkpoint', 'evaluateEvery', 'callbacks'],
  ...['accumulate', 'averaging', 'parts'],
]

const refused = (what: string, example: string): EnsuiteError =>
  new EnsuiteError('OPTION_INVALID', `train: ${what}, such as ${example}.`)

/** Of options that are whole numbers from 1. */
const COUNTS = ['epochs', 'batchSize', 'patience', 'lengthPool', 'poolSessions', 'evaluateEvery'] as const

/**
 * Throws `OPTION_UNKNOWN` and `OPTION_INVALID` for all that can be told without a model and its data: names, types (JavaScript is told by no compiler) and ranges.
 * `where`: what has the counts, for the message.
 */
export function checkTrainOptions(options: TrainOptions, where = 'train'): TrainOptions {
  checkOptions('train', options, KNOWN)
  const { checkpoint, ks, filterSeen, validation, runtime, callbacks } = options
  for (const name of COUNTS)
    if (options[name] !== undefined)
      checkNumber(`${where}: ${name}`, options[name], { integer: true, min: 1 })
  checkNumber(`${where}: seed`, options.seed ?? 1, { integer: true, min: 0 })
  checkNumber(`${where}: everySeconds`, checkpoint?.everySeconds ?? 60, { min: 0 })
  settleUpdates(options)
  checkPartOptions(options.parts ?? [])
  if (checkpoint !== undefined) {
    checkOptions('train: checkpoint', checkpoint, ['folder', 'resume', 'everySeconds', 'keep'])
    checkPath('train: checkpoint.folder', checkpoint.folder)
    checkResume(checkpoint.resume)
    if (checkpoint.keep !== undefined)
      checkNumber('train: checkpoint.keep', checkpoint.keep, { integer: true, min: 1 })
  }
  if (ks !== undefined && (!(ks instanceof Array) || ks.length === 0))
    throw refused('ks is a list of one cutoff or more', 'ks: [10, 20]')
  if (filterSeen !== undefined) checkBoolean('train: filterSeen', filterSeen)
  if (validation !== undefined) checkSessions('validation', validation)
  if (runtime !== undefined) checkRuntime('train: runtime', runtime)
  if (callbacks !== undefined) checkCallbacks('train', callbacks)
  return options
}

function checkResume(resume: unknown): void {
  const where = 'train: checkpoint.resume'
  if (typeof resume === 'number') checkNumber(where, resume, { integer: true, min: 1 })
  else if (typeof resume === 'string') checkChoice(where, resume, ['best'])
  else if (resume !== undefined) checkBoolean(where, resume)
}

/** Throws `OPTION_INVALID` for what is neither sessions nor, unless it is to be validated on, a prepared folder. */
export function checkSessions(name: 'sessions' | 'validation', data: unknown): void {
  const given = Object(data) as Sessions | SessionSource
  const isGood =
    name === 'sessions' && isSource(given)
      ? given.blocks instanceof Array
      : (given as Sessions).offsets instanceof Int32Array
  if (!isGood)
    throw refused(`${name} are those of one part`, name === 'sessions' ? 'split.train' : 'split.validation')
}
