import type { Sessions } from '../sessions.ts'

/** In `validation` and `test` the last event of each session is the target, all before it the prefix. */
export interface SplitSessions {
  readonly train: Sessions
  readonly validation: Sessions
  readonly test: Sessions
  /** Every event that stands outside the test: training and validation, each event once. What a rule may know before the test. */
  readonly known: Sessions
}

/** A way to divide sessions. */
export interface SplitKind<Kind extends string, Options extends object> {
  readonly kind: Kind
  /** Half a line for help texts. */
  readonly summary: string
  /** All of them are needed. */
  readonly options: readonly (keyof Options & string)[]
  /** Throws `SESSIONS_TOO_FEW` if a part that was asked for is empty, `OPTION_INVALID`. */
  readonly divide: (sessions: Sessions, options: Options) => SplitSessions
}

/** Keeps the types of a record's kind and options. */
export const splitKind = <const Kind extends string, Options extends object>(
  record: SplitKind<Kind, Options>,
): SplitKind<Kind, Options> => Object.freeze(record)
