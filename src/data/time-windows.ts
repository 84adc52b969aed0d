import { createHash } from 'node:crypto'
import { EnsuiteError } from '../errors.ts'
import { checkChoice, checkOptions } from '../options.ts'
import type { PreparedFolder } from '../workflow/prepared-sessions.ts'
import type { SessionSource } from '../workflow/session-source.ts'
import { digestSessions } from './digest-sessions.ts'
import type { Sessions } from './sessions.ts'

/** A stretch of time, such as a day or an hour, whose sessions a model is tested on before it is trained on them. */
export interface TimeWindow {
  readonly name: string
  /** Tells its sessions from others: a run goes on with the same windows alone. */
  readonly digest: string
  /** Reads its sessions; called when its turn comes, so that they need not all be in memory. */
  read(): WindowSessions | Promise<WindowSessions>
}

export interface WindowSessions {
  /** What is trained on. */
  readonly train: Sessions | SessionSource
  /** Sessions whose last event a model predicts that was trained on the windows before. */
  readonly test: Sessions
}

/** A window of sessions in memory. */
export function timeWindow(name: string, sessions: WindowSessions): TimeWindow {
  const digest = createHash('sha256')
  for (const each of [sessions.train, sessions.test]) digestSessions(digest, each, { times: true })
  return Object.freeze<TimeWindow>({ name, digest: digest.digest('hex'), read: () => sessions })
}

/**
 * The windows of a folder that `prepare` divided by day or hour, in the order of time. All sessions of a window are trained on, whatever their part: the window was tested on before.
 * `test` is the part that is tested on, 'test' unless given: settings are to be chosen on 'valid'.
 *
 * Throws `OPTION_INVALID` for a folder that is not divided by time.
 */
export function preparedWindows(
  prepared: PreparedFolder,
  options: { readonly test?: 'valid' | 'test' } = {},
): readonly TimeWindow[] {
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
