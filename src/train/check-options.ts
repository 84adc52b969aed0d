import { isSource, type Sessions, type SessionSource } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { Model } from '../model.ts'
import { checkBoolean, checkChoice, checkNumber, checkOptions } from '../options.ts'
import { checkCallbacks } from './listeners.ts'
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

/** Throws `OPTION_UNKNOWN` and `OPTION_INVALID` for names and types: JavaScript is told by no compiler. */
export function checkTrainOptions(options: TrainOptions): TrainOptions {
  checkOptions('train', options, KNOWN)
  const { checkpoint, ks, filterSeen, validation, runtime, callbacks, evaluateEvery } = options
  if (checkpoint !== undefined) {
    checkOptions('train: checkpoint', checkpoint, ['folder', 'resume', 'everySeconds', 'keep'])
    if (typeof checkpoint.folder !== 'string' || checkpoint.folder === '')
      throw refused('checkpoint has the path of a folder', "checkpoint: { folder: 'run' }")
    checkResume(checkpoint.resume)
    if (checkpoint.keep !== undefined)
      checkNumber('train: checkpoint.keep', checkpoint.keep, { integer: true, min: 1 })
  }
  if (ks !== undefined && (!(ks instanceof Array) || ks.length === 0))
    throw refused('ks is a list of one cutoff or more', 'ks: [10, 20]')
  if (filterSeen !== undefined) checkBoolean('train: filterSeen', filterSeen)
  if (validation !== undefined) checkSessions('validation', validation)
  if (runtime !== undefined && typeof (Object(runtime) as Partial<typeof runtime>).compile !== 'function')
    throw refused('runtime is one that compiles graphs', 'nodeRuntime()')
  if (callbacks !== undefined) checkCallbacks('train', callbacks)
  if (evaluateEvery !== undefined)
    checkNumber('train: evaluateEvery', evaluateEvery, { integer: true, min: 1 })
  return options
}

function checkResume(resume: unknown): void {
  const where = 'train: checkpoint.resume'
  if (typeof resume === 'number') checkNumber(where, resume, { integer: true, min: 1 })
  else if (typeof resume === 'string') checkChoice(where, resume, ['best'])
  else if (resume !== undefined) checkBoolean(where, resume)
}

/** Throws `OPTION_INVALID` for what is no model. */
export function checkModel(where: string, model: unknown): void {
  const { parameters, schema } = Object(model) as Partial<Model>
  if (Array.isArray(parameters) && typeof schema === 'object') return
  const what = model instanceof Promise ? 'a promise of one' : model === null ? 'null' : typeof model
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${where} expects a model, received ${what}. Make it with model(fitted.schema, parts), and wait for what is async before.`,
  )
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
