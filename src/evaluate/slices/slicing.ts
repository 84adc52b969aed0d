import type { Sessions } from '../../data/sessions.ts'

/** What a slicing looks at. */
export interface SliceContext {
  /** Without unknown items but as targets: the last event of a session. */
  readonly sessions: Sessions
  /** Training events of each item, by column: [items]. Throws `OPTION_INVALID`, naming `slicing`, where no training sessions were given. */
  readonly trainingEvents: (slicing: string) => ArrayLike<number>
}

/** Divides sessions into groups by what they are. */
export interface Slicing {
  /** The group of a session, by its index. */
  readonly of: (session: number) => string
  /** The groups in their order; without it they are sorted by name. */
  readonly order?: readonly string[]
}

/** The group of what the vocabulary does not know. */
export const UNKNOWN_SLICE = 'unknown'
