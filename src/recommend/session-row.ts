import type { Ranked } from '../metrics/top-k.ts'

/** Which columns of the scores may be recommended, and what is added to them. Never changed once made: the worker is sent each one once. */
export interface Candidates {
  /** 1 where a column is one; columns behind its end are none. [columns]. */
  readonly allowed: Uint8Array
  /** [columns]. */
  readonly boosts?: Float32Array
}

/** The best columns of some candidates. */
export interface Ask<Of = Candidates> {
  readonly candidates: Of
  readonly k: number
}

/** What is wanted of some scores. Plain data: it is sent to the worker as it is. */
export interface Wanted<Of = Candidates> {
  /** Columns of the scores that are no candidates, in any order; those of added items come after the catalogue's. */
  readonly excluded: Int32Array
  /** How many items are wanted; 0 of a model that scores none. */
  readonly k: number
  /** Default: all columns, as they are scored. */
  readonly candidates?: Of
  /** Further lists from the same scores. */
  readonly also?: readonly Ask<Of>[]
  /** Whether columns that nothing is said for are left out of the lists; see `Served.silentAtZero`. */
  readonly saidOnly?: boolean
  /** Columns whose scores are wanted as they are, whatever is excluded. */
  readonly scoresOf?: Int32Array
}

/** A session as the model reads it, and what is wanted of it. */
export interface SessionRow<Of = Candidates> extends Wanted<Of> {
  /** A column for each input of the graph, by its name, oldest event first, 1 to maxLength of them. */
  readonly inputs: Readonly<Record<string, Int32Array | Float32Array>>
}

/** An item, and what is wanted of those like it: scores are the cosines of their vectors with its own; of a baseline its own scores after that item. */
export interface ItemRow<Of = Candidates> extends Wanted<Of> {
  /** Its column. */
  readonly near: number
}

/** Columns whose vectors are wanted, and nothing else. */
export interface VectorsRow<Of = Candidates> extends Wanted<Of> {
  readonly vectorsOf: Int32Array
}

/** What a worker is asked. */
export type AskedRow<Of = Candidates> = SessionRow<Of> | ItemRow<Of> | VectorsRow<Of>

/** What the model says of a session: the best items, and the predictions of its other heads. */
export interface ScoredRow extends Ranked {
  /** By the name of the head: a number, or the likeliest classes with their probabilities. */
  readonly predictions: Readonly<Record<string, number | Ranked>>
  /** Those that the row has asked for, in its order. */
  readonly also?: readonly Ranked[]
  readonly scoresOf?: Float32Array
  /** Whether nothing is said of any column that is not excluded. */
  readonly silent?: boolean
  /** The session's own vector [size]: its products with those of items are their scores. None of artifacts before version 4, and of baselines. */
  readonly session?: Float32Array
  /** Of a row of vectors: those of its columns at length 1, [columns · size]. */
  readonly vectors?: Float32Array
}

/** Rows that are scored in one run: all of like length, so that padding stays below half. */
export interface RowGroup {
  readonly rows: readonly number[]
  readonly time: number
}

/** Scores of one run take at most this many numbers, 128 MiB. */
const MOST_SCORES = 2 ** 25

/** Cuts rows into runs: none is padded to more than twice its length, and the scores of none, `columns` a row, take too much memory. */
export function groupRows(lengths: readonly number[], columns: number): readonly RowGroup[] {
  const most = Math.max(1, Math.floor(MOST_SCORES / columns))
  const order = [...lengths.keys()].sort((left, right) => lengths[right]! - lengths[left]! || left - right)
  const groups: { readonly rows: number[]; readonly time: number }[] = []
  for (const row of order) {
    const group = groups.at(-1)
    if (group !== undefined && 2 * lengths[row]! >= group.time && group.rows.length < most)
      group.rows.push(row)
    else groups.push({ rows: [row], time: lengths[row]! })
  }
  return groups
}
