/** A column of raw values, each distinct value stored once. */
export interface RawColumn {
  /** The distinct values as they are in the file, in order of first appearance. Never the empty string. */
  readonly values: readonly string[]
  /** Index into `values` of each event, −1 where the value is missing (null or empty): [events]. */
  readonly codes: Int32Array
}

/** Events grouped into sessions, before any vocabulary: ragged columns of raw values. */
export interface RawSessions {
  readonly count: number
  /** Session `i` holds the events from `offsets[i]` up to `offsets[i + 1]`: [count + 1]. */
  readonly offsets: Int32Array
  /** Ids as they are in the file, in order of first appearance: [count]. */
  readonly sessionIds: readonly string[]
  /** The item column (never missing) and the categorical columns, by name. */
  readonly columns: Readonly<Record<string, RawColumn>>
  /**
   * Time of each event, never falling inside a session: [events]. Dates and timestamps are milliseconds since
   * 1970-01-01 UTC; a column of numbers is kept as it is, so seconds stay seconds.
   */
  readonly times?: Float64Array
}
