import { isSource, type Sessions, type SessionSource } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkBoolean, checkOptions } from '../options.ts'
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
  ...['schedule', 'lengthPool', 'poolSessions', 'checkpoint', 'onProgress', 'onEpoch'],
  ...['accumulate', 'averaging', 'parts'],
]

const refused = (what: string, example: string): EnsuiteError =>
  new EnsuiteError('OPTION_INVALID', `train: ${what}, such as ${example}.`)

/** Throws `OPTION_UNKNOWN` and `OPTION_INVALID` for names and types: JavaScript is told by no compiler. */
export function checkTrainOptions(options: TrainOptions): TrainOptions {
  checkOptions('train', options, KNOWN)
  const { checkpoint, ks, filterSeen, validation, runtime, onEpoch, onProgress } = options
  if (checkpoint !== undefined) {
    checkOptions('train: checkpoint', checkpoint, ['folder', 'resume', 'everySeconds'])
    if (typeof checkpoint.folder !== 'string' || checkpoint.folder === '')
      throw refused('checkpoint has the path of a folder', "checkpoint: { folder: 'run' }")
    if (checkpoint.resume !== undefined) checkBoolean('train: checkpoint.resume', checkpoint.resume)
  }
  if (ks !== undefined && (!(ks instanceof Array) || ks.length === 0))
    throw refused('ks is a list of one cutoff or more', 'ks: [10, 20]')
  if (filterSeen !== undefined) checkBoolean('train: filterSeen', filterSeen)
  if (validation !== undefined) checkSessions('validation', validation)
  if (runtime !== undefined && typeof (Object(runtime) as Partial<typeof runtime>).compile !== 'function')
    throw refused('runtime is one that compiles graphs', 'nodeRuntime()')
  for (const [name, call] of Object.entries({ onEpoch, onProgress }))
    if (call !== undefined && typeof call !== 'function')
      throw refused(`${name} is a function`, `${name}: (record) => console.log(record)`)
  return options
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
