import type { Sessions } from '../data/sessions.ts'
import type { SplitSessions } from '../data/splits/split-kind.ts'
import type { Split } from '../data/splits/split-sessions.ts'
import type { FittedWorkflow } from '../workflow/index.ts'

/** What is looked at for leaks: the parts of a split, and what is known of how they came to be. What is left out is not looked for. */
export interface LeakageInput extends Pick<SplitSessions, 'train' | 'validation' | 'test'> {
  /** How they were divided: `leave-one-out` and `random` train on what comes after their targets by design, `leave-one-out` and `cut` cut sessions. Default: not known, as of a division of your own. */
  readonly split?: Split['kind']
  /** What encoded them: its target encodings are looked at, and its vocabulary of items; items are named by their ids. */
  readonly fitted?: Pick<FittedWorkflow, 'definition'> & Partial<Pick<FittedWorkflow, 'vocabulary'>>
  /** What vocabularies and statistics were learnt from; default `training`. */
  readonly learnFrom?: 'training' | 'all'
  /** Whether vocabularies were extended from earlier ones, so that training need not have each of their values; default false. */
  readonly extended?: boolean
  /** Features that a model reads of a session's first event and never hides (`inputs.context`); default: none. */
  readonly context?: readonly string[]
  /** Features that a model is shown of the very event that it predicts. Models of this package are shown none, the default. */
  readonly visible?: readonly string[]
  /** Features that encode a target; those of `fitted` unless given. */
  readonly targetEncoded?: readonly string[]
  /** When each item came to be, in the unit of the times, by column: [items]. Default, and of an item that has no finite number: at its first event in training. */
  readonly firstSeen?: ArrayLike<number>
  /** The present, in milliseconds since 1970; default: not known. */
  readonly now?: number
}

export type Severity = 'error' | 'warning' | 'by-design'

/** A kind of leak that was found. Safe for JSON. */
export interface LeakFinding {
  readonly kind: string
  /** `by-design`: what this split is known to do; it says what figures mean, and is no mistake. */
  readonly severity: Severity
  /** How many: of what, the message says. */
  readonly count: number
  /** Some of them: ids of sessions or items, names of features. */
  readonly examples: readonly string[]
  /** What was found, and what to do. */
  readonly message: string
}

/** A way to look for one kind of leak, or several that are near each other. */
export type LeakCheck = (input: LeakageInput) => readonly LeakFinding[]

/** Examples that a finding has at most. */
export const EXAMPLES = 3

/** The parts that are predicted, by name. */
export const predicted = ({
  validation,
  test,
}: Pick<LeakageInput, 'validation' | 'test'>): readonly (readonly [
  name: 'validation' | 'test',
  sessions: Sessions,
])[] => [
  ['validation', validation],
  ['test', test],
]

/** `12 sessions`, `1 session`. */
export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`
