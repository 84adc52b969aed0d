import { createHash } from 'node:crypto'
import { EnsuiteError } from '../errors.ts'
import { checkChoice, checkGiven, checkOptions } from '../options.ts'
import type { PreparedFolder } from '../workflow/prepared-sessions.ts'
import { isSource, type SessionSource } from '../workflow/session-source.ts'
import { digestSessions } from './digest-sessions.ts'
import type { Sessions } from './sessions.ts'
import { windowStarts, type WindowStarts } from './window-starts.ts'

/** A stretch of time, such as a day or an hour, whose sessions a model is tested on before it is trained on them. */
export interface TimeWindow {
  readonly name: string
  /** Tells its sessions from others: a run goes on with the same windows alone. */
  readonly digest: string
  /** Where it is known before they are read: a run over windows that go backwards in time is refused. */
  readonly starts?: WindowStarts
  /** Reads its sessions; called when its turn comes, so that they need not all be in memory. */
  read(): WindowSessions | Promise<WindowSessions>
}

export interface WindowSessions {
  /** What is trained on. */
  readonly train: Sessions | SessionSource
  /** Sessions whose last event a model predicts that was trained on the windows before. */
  readonly test: Sessions
}

/** A window of sessions in memory. Throws `OPTION_INVALID`. */
export function timeWindow(name: string, sessions: WindowSessions): TimeWindow {
  checkWindow(name, sessions)
  const digest = createHash('sha256')
  for (const each of [sessions.train, sessions.test]) digestSessions(digest, each, { times: true })
  const starts = windowStarts(sessions)
  return Object.freeze<TimeWindow>({ name, digest: digest.digest('hex'), starts, read: () => sessions })
}

function checkWindow(name: unknown, sessions: unknown): void {
  const { train, test } = Object(sessions) as Partial<WindowSessions>
  const isMissing = (each: unknown): boolean => typeof each !== 'object' || each === null
  const isWhole = (each: Sessions): boolean => (each.offsets as unknown) instanceof Int32Array
  const wrong =
    typeof name !== 'string' || name === ''
      ? 'a name'
      : isMissing(train) || !(isSource(train!) || isWhole(train!))
        ? "sessions to train on as 'train'"
        : isMissing(test) || !isWhole(test!)
          ? "sessions to test on as 'test'"
          : undefined
  if (wrong !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `timeWindow expects ${wrong}: timeWindow('monday', { train, test }).`,
    )
}

/**
 * The windows of a folder that `prepare` divided by day or hour, in the order of time. All sessions of a window are trained on, whatever their part: the window was tested on before.
 * `test` is the part that is tested on, 'test' unless given: settings are to be chosen on 'valid'.
 *
 * Throws `OPTION_INVALID` for what is no prepared folder, and for one that is not divided by time.
 */
export function preparedWindows(
  prepared: PreparedFolder,
  options: { readonly test?: 'valid' | 'test' } = {},
): readonly TimeWindow[] {
  checkGiven('preparedWindows', prepared, {
    what: 'what openPrepared gives',
    isGood: Array.isArray((Object(prepared) as Partial<PreparedFolder>).parts),
  })
  checkOptions('preparedWindows', options, ['test'])
  const { test = 'test' } = options
  checkChoice('preparedWindows: test', test, ['valid', 'test'])
  const numbers = [...new Set(prepared.parts.map(({ window }) => window))]
  if (numbers[0] === 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'preparedWindows: the folder is not divided by time. Prepare it with a split by day or hour.',
    )
  return numbers.map((number) => {
    const windows = [number, number] as const
    return Object.freeze<TimeWindow>({
      name: String(number),
      digest: `${prepared.digest}/${number}/${test}`,
      read: async () => ({
        train: await prepared.source({ windows }),
        test: await prepared.sessions({ windows, part: test }),
      }),
    })
  })
}
