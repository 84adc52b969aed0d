/** How the rows of a file are read. All values are texts until a column says otherwise. */
export type Reading =
  | {
      readonly kind: 'delimited'
      /** The names of all columns where the first line is data. */
      readonly columns?: readonly string[]
      /** 1 to 4 bytes. Default: from the file's name. */
      readonly delimiter?: string
      readonly encoding?: 'latin-1'
      /** Texts hold quotes that close nowhere: only those around a whole field count. For small files without line ends in fields. */
      readonly strayQuotes?: boolean
    }
  /** One JSON object a line. */
  | { readonly kind: 'json-lines' }
  /** One Python dictionary a line, as `repr` prints it: `{u'username': u'…', …}`. */
  | { readonly kind: 'python-lines' }
  /** One session a line, items between spaces. Columns: session (the line, from 1), item. */
  | { readonly kind: 'session-lines' }
  /** `items TAB target` a line: each session followed by its shorter and shorter prefixes. Columns: session (from 1), item. */
  | { readonly kind: 'prefix-lines' }

/** Files of one kind, in order. */
export interface RecipeInput {
  /** Absolute paths. */
  readonly files: readonly string[]
  readonly reading: Reading
  /** A column that says which of `files` a row is from, counted from 0. */
  readonly fileIndex?: string
  /** Columns that are the same in every row of this input. */
  readonly constants?: Readonly<Record<string, string>>
  /** Put before the session ids, where two inputs count theirs from 1. */
  readonly sessionPrefix?: string
}

/** Facts about items, in a file of their own. Items that are not in it get nulls, as do values that are not of the column's type. */
export interface RecipeLookup {
  readonly files: readonly string[]
  readonly reading: Reading
  /** Its column with the ids of items. */
  readonly key: string
  readonly columns: readonly RecipeColumn[]
}

export interface RecipeColumn {
  readonly name: string
  /** The column of the file. Default: `name`. */
  readonly from?: string
  readonly type: 'text' | 'integer' | 'number'
  /** A text that stands for a missing value, besides the empty one. */
  readonly missing?: string
  /** Columns of 0 and 1, each with its label: the value is the labels of the ones, between bars. Instead of `from`. */
  readonly flags?: Readonly<Record<string, string>>
  /** Needed by other columns only, and not written. */
  readonly hidden?: boolean
}

/** The time of an event, in milliseconds since 1970-01-01 UTC. */
export type RecipeTime =
  | { readonly kind: 'number'; readonly column: string; readonly unit: 'milliseconds' | 'seconds' }
  /** ISO dates and timestamps; without a zone they are UTC. */
  | { readonly kind: 'instant'; readonly column: string }
  /** A date, and milliseconds that are added to it. */
  | { readonly kind: 'date-and-offset'; readonly date: readonly string[]; readonly offset: string }
  /** No time is known: the place of the event in its session, from 0. */
  | { readonly kind: 'place' }

/** A column that is computed from `time` and other columns. */
export type DerivedColumn =
  /** `hour_sin`, `hour_cos`, `weekday_sin`, `weekday_cos` of the local time (Transformers4Rec: value + 1e-6, weekdays 1 to 7 from Monday, hours with minutes). */
  | { readonly kind: 'cycles'; readonly timeZone: string }
  /** Hours from `created` (a column, milliseconds) to the event. */
  | { readonly kind: 'age-hours'; readonly name: string; readonly created: string }

export type PreparationStep =
  | { readonly kind: 'drop-missing-sessions' }
  | { readonly kind: 'keep'; readonly column: string; readonly value: string }
  /** The ids were visitors: a pause of more than so many minutes begins another session, `<visitor>-<n>`. */
  | { readonly kind: 'sessions-by-pause'; readonly minutes: number }
  /** `consecutive`: of equal items in a row the first stays. `all`: of equal items in a session. */
  | { readonly kind: 'remove-repeats'; readonly which: 'consecutive' | 'all' }
  /** Sessions and items with fewer events go; counted once before, or again until nothing changes. */
  | {
      readonly kind: 'minimum-counts'
      readonly session: number
      readonly item: number
      readonly repeat: boolean
    }

/** Windows of time: each session belongs to one, by its first event. */
export type RecipeWindows =
  /** A column holds the window; it is the same in all rows of a session. */
  | {
      readonly unit: 'hour' | 'day'
      readonly by: 'column'
      readonly column: string
      readonly minSessions: number
    }
  /** Days of 24 hours from the first event of all, or days of the calendar (UTC). */
  | {
      readonly unit: 'day'
      readonly by: 'first-event' | 'calendar'
      readonly minSessions: number
    }

/** From files to prepared events, as data. */
export interface Recipe {
  readonly inputs: readonly RecipeInput[]
  readonly lookups: readonly RecipeLookup[]
  readonly session: string
  readonly item: string
  readonly time: RecipeTime
  readonly columns: readonly RecipeColumn[]
  readonly derived: readonly DerivedColumn[]
  readonly steps: readonly PreparationStep[]
  readonly windows?: RecipeWindows
}
