/** Sessions as ragged columns of what a model reads. Never truncated: the whole history of each session. */
export interface Sessions {
  readonly count: number
  /** Session `i` holds the events from `offsets[i]` up to `offsets[i + 1]`: [count + 1]. */
  readonly offsets: Int32Array
  /** Item code of each event, never `PADDING`: [events]. */
  readonly items: Int32Array
  /** Codes of each categorical feature, by name: [events] each. */
  readonly categorical: Readonly<Record<string, Int32Array>>
  /** Numbers of each continuous feature, by name, NaN where one is missing (a model reads 0 there, and predicts none): [events] each. */
  readonly continuous: Readonly<Record<string, Float32Array>>
  /** Time of each event, never falling inside a session: [events]. Milliseconds, or the unit of the file's numbers. */
  readonly times?: Float64Array
  /** Raw session ids: [count]. */
  readonly ids: readonly string[]
}
