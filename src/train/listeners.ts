import { EnsuiteError } from '../errors.ts'
import type { EpochRecord, EvaluationRecord, WindowRecord } from './checkpoint.ts'
import type { TrainingCallback, TrainingEnd, TrainingStart, UpdateRecord } from './training-callback.ts'

/** The callbacks of one training. */
export interface Listeners {
  /** Whether any of them wants to hear of updates: thousands are told. */
  readonly hearUpdates: boolean
  start(start: TrainingStart): Promise<void>
  /** This and the next three give whether one of them wants training to stop. */
  update(record: UpdateRecord): Promise<boolean>
  evaluation(record: EvaluationRecord): Promise<boolean>
  epoch(record: EpochRecord): Promise<boolean>
  window(record: WindowRecord): Promise<boolean>
  /** Tells all that were told of the start, once, then throws the first error of theirs. */
  end(end: TrainingEnd): Promise<void>
}

const METHODS = ['onStart', 'onUpdate', 'onEvaluation', 'onEpoch', 'onWindow', 'onEnd'] as const

/** Throws `OPTION_INVALID` unless these are callbacks. */
export function checkCallbacks(where: string, callbacks: unknown): void {
  const refused = (what: string): EnsuiteError =>
    new EnsuiteError(
      'OPTION_INVALID',
      `${where}: ${what}, such as callbacks: [{ onEpoch: (record) => console.log(record) }].`,
    )
  if (!Array.isArray(callbacks)) throw refused('callbacks are a list of objects with methods')
  for (const each of callbacks as readonly unknown[]) {
    const methods = METHODS.filter((name) => (Object(each) as TrainingCallback)[name] !== undefined)
    if (methods.length === 0) throw refused(`a callback has one or more of ${METHODS.join(', ')}`)
    for (const name of methods)
      if (typeof (each as TrainingCallback)[name] !== 'function') throw refused(`${name} is a function`)
  }
}

export function listeners(callbacks: readonly TrainingCallback[]): Listeners {
  const started: TrainingCallback[] = []
  const tell = async (answers: (callback: TrainingCallback) => unknown): Promise<boolean> => {
    let isStopped = false
    for (const callback of callbacks) if (isStop(await answers(callback))) isStopped = true
    return isStopped
  }
  return {
    hearUpdates: callbacks.some((each) => 'onUpdate' in each),
    start: async (start) => {
      for (const callback of callbacks) {
        started.push(callback)
        await callback.onStart?.(start)
      }
    },
    update: async (record) => {
      let isStopped = false
      for (const callback of callbacks) {
        const said = callback.onUpdate?.(record)
        // Most say nothing, thousands of times: only a promise is waited for.
        if (isStop(said instanceof Promise ? await said : said)) isStopped = true
      }
      return isStopped
    },
    evaluation: (record) => tell((each) => each.onEvaluation?.(record)),
    epoch: (record) => tell((each) => each.onEpoch?.(record)),
    window: (record) => tell((each) => each.onWindow?.(record)),
    end: async (end) => {
      const errors: unknown[] = []
      for (const callback of started.splice(0))
        try {
          await callback.onEnd?.(end)
        } catch (error) {
          errors.push(error)
        }
      if (errors.length > 0 && end.status !== 'failed') throw errors[0]
    },
  }
}

function isStop(answer: unknown): boolean {
  if (answer === 'stop' || typeof answer !== 'string') return answer === 'stop'
  throw new EnsuiteError(
    'OPTION_INVALID',
    `A callback gave '${answer.slice(0, 100)}'. It gives 'stop' to end training, or nothing.`,
  )
}
