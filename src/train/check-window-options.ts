import type { TimeWindow } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkOptions } from '../options.ts'
import { checkTrainOptions } from './check-options.ts'
import type { TrainOptions } from './train-options.ts'
import { windowOrder } from './window-order.ts'

export interface WindowOptions extends Pick<
  TrainOptions,
  | 'runtime'
  | 'batchSize'
  | 'seed'
  | 'filterSeen'
  | 'optimizer'
  | 'schedule'
  | 'accumulate'
  | 'averaging'
  | 'parts'
  | 'lengthPool'
  | 'poolSessions'
  | 'checkpoint'
  | 'callbacks'
> {
  /** Passes over each window; default 10. */
  readonly epochs?: number
  /** Cutoffs of the ranking metrics; default 20, or the size of a smaller catalogue. */
  readonly ks?: readonly number[]
}

/** Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
export function checkWindowOptions(windows: readonly TimeWindow[], options: WindowOptions): WindowOptions {
  checkOptions('fitAndEvaluate', options, [
    ...['runtime', 'batchSize', 'seed', 'filterSeen', 'optimizer', 'schedule', 'lengthPool', 'poolSessions'],
    ...['checkpoint', 'epochs', 'ks', 'callbacks', 'accumulate', 'averaging', 'parts'],
  ])
  checkTrainOptions(options, 'fitAndEvaluate')
  if (options.checkpoint?.resume === 'best')
    throw refused('there is no best window to go on from: give checkpoint.resume the number of one, or true')
  const given: unknown = windows
  if (!Array.isArray(given) || given.length < 2)
    throw refused('there are two windows or more, such as those of preparedWindows(prepared)')
  const wrong = given.findIndex((each) => typeof (Object(each) as Partial<TimeWindow>).read !== 'function')
  if (wrong !== -1)
    throw refused(
      `window ${wrong} (counted from 0) has no sessions to read: make it with timeWindow(name, { train, test })`,
    )
  checkOnce(windows)
  const order = windowOrder()
  for (const window of windows) order.add(window, window.starts ?? {})
  return options
}

/** What a window is tested on was trained on before, where it comes twice. */
function checkOnce(windows: readonly TimeWindow[]): void {
  const names = new Set<string>()
  for (const { name } of windows) {
    if (names.has(name))
      throw refused(`the window '${name}' is given twice. Each is given once, by a name of its own`)
    names.add(name)
  }
}

const refused = (what: string): EnsuiteError => new EnsuiteError('OPTION_INVALID', `fitAndEvaluate: ${what}.`)
