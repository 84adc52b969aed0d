import type { Sessions } from '../sessions.ts'

/** An option of a split, a number: a share of the sessions, an instant in milliseconds since 1970 UTC, or a whole number. */
export interface SplitOption {
  readonly kind: 'share' | 'instant' | 'whole'
  /** Half a line for help texts. */
  readonly summary: string
}

/** In `validation` and `test` the last event of each session is the target, all before it the prefix. */
export interface SplitSessions {
  /** The first events of each session, or all, under its own id: `fitSplit` learns from as many of the first ones. */
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
  /** By name, all of them needed. The command line makes a flag of each; one of a name means the same for every kind. */
  readonly options: Readonly<Record<keyof Options & string, SplitOption>>
  /** Throws `SESSIONS_TOO_FEW` if a part that was asked for is empty, `OPTION_INVALID`. */
  readonly divide: (sessions: Sessions, options: Options) => SplitSessions
}

/** Keeps the types of a record's kind and options. */
export const splitKind = <const Kind extends string, Options extends object>(
  record: SplitKind<Kind, Options>,
): SplitKind<Kind, Options> => Object.freeze(record)
