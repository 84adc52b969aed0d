import { EnsuiteError } from '../../errors.ts'
import { checkOptions } from '../../options.ts'
import { checkSessions, type Sessions } from '../sessions.ts'
import { cut } from './cut.ts'
import { leaveOneOut } from './leave-one-out.ts'
import { random } from './random.ts'
import type { SplitKind, SplitSessions } from './split-kind.ts'
import { time } from './time.ts'

/** All that there are. A file and a place here make another, its flags on the command line too; tests then ask for an example in `splits.test-support.ts`. */
export const splitKinds = [leaveOneOut, random, time, cut] as const

type SplitOf<Record> =
  Record extends SplitKind<infer Kind, infer Options> ? { readonly kind: Kind } & Options : never

/** How sessions are divided: the kind of a record of `splitKinds`, and its options. */
export type Split = SplitOf<(typeof splitKinds)[number]>

/**
 * Divides sessions into training, validation and test, as each kind's record says. Sessions keep their order and their history.
 *
 * `timeLeak` says how a split stands to time: `leave-one-out` and `random` train on events later than targets. Throws `SESSIONS_TOO_FEW` if a part that was asked
 * for is empty, `OPTION_UNKNOWN`, and `OPTION_INVALID`, also where a kind needs times and there are none.
 */
export function splitSessions(sessions: Sessions, split: Split): SplitSessions {
  checkSessions('splitSessions', sessions)
  const record = kindOf(split)
  const { kind: _, ...options } = split
  // The kind says whose options these are.
  return (record as SplitKind<string, object>).divide(sessions, options)
}

/** The record of a split. Throws `OPTION_INVALID` and `OPTION_UNKNOWN` for what is none. */
export function kindOf(split: Split): (typeof splitKinds)[number] {
  const { kind } = Object(split) as Partial<Split>
  const record = splitKinds.find((each) => each.kind === kind)
  if (record === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `kind of splitSessions must be ${splitKinds.map((each) => each.kind).join(', ')}, received ${kind === undefined ? 'none' : `'${kind as string}'`}.`,
    )
  checkOptions(`splitSessions of kind '${record.kind}'`, split, ['kind', ...Object.keys(record.options)])
  return record
}
