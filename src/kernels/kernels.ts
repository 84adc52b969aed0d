import type { UpdateRule, UpdateSettings } from './rules/index.ts'

/** What one update reads (`gradients`) and overwrites (the rest): views of equal length. */
export interface Updated {
  readonly parameters: Float32Array
  readonly gradients: Float32Array
  /** In the order of the rule's states. A state with one number a row: [tableRows]. */
  readonly states: readonly Float32Array[]
  /** Of the rows of the table; needed by a rule with states that have one number a row. */
  readonly width?: number
}

/** `parameters` and states: [tableRows, width], or [tableRows] of a state with one number a row; `gradients`: [rows.length, width], row `i` for row `rows[i]`. */
export interface UpdatedRows extends Updated {
  /**
   * Rows to update, each at most once (see `combineRows`; a repeated row would be updated twice). In any order: ascending
   * is up to twice as fast on tables larger than the processor's cache.
   */
  readonly rows: Int32Array
  readonly width: number
}

/** `ids`: [n]; `values`: [n, width]. */
export interface RowValues {
  readonly ids: Int32Array
  readonly values: Float32Array
  readonly width: number
}

/** Where `combineRows` writes. `rows` and `values` have room for min(n, tableRows) rows. */
export interface CombinedRows {
  /** May be the very array of the ids that are combined. */
  readonly rows: Int32Array
  /** May be the very array of the values that are combined. */
  readonly values: Float32Array
  /** Scratch, [tableRows]: filled with −1 before, and left so. */
  readonly slots: Int32Array
}

/**
 * The parts of training that are faster outside a graph, over views on one memory that never grows or moves.
 *
 * Every array given to a kernel must be such a view, from `float32`, `int32` or a `subarray` of one, except for the
 * state of `dropoutMask`. Throws `SHAPE_MISMATCH` for another array, for lengths that do not fit and for an id outside
 * its table, before anything is written.
 */
export interface Kernels {
  /** Bytes that are still free. */
  readonly available: number
  /** A new view of `length` zeros, 64-byte aligned. Throws `MEMORY_FULL`. Views are never given back. */
  float32(length: number): Float32Array
  /** A new view of `length` zeros, 64-byte aligned. Throws `MEMORY_FULL`. Views are never given back. */
  int32(length: number): Int32Array
  /** Updates parameters and states in place, as the rule says. Throws `OPTION_INVALID` also for settings outside their range. */
  update(rule: UpdateRule, updated: Updated, settings: UpdateSettings): void
  /** `update` on some rows of a table. The other rows, their states included, stay as they are: nothing decays. */
  updateRows(rule: UpdateRule, updated: UpdatedRows, settings: UpdateSettings): void
  /**
   * table[ids[i]] += scale · values[i], in the order of `ids`, so always to the same bits.
   * `table`: [tableRows, width]; `ids`: [n]; `values`: [n, width]; `scale`: 1 unless given, −1 subtracts.
   */
  scatterAddRows(
    table: Float32Array,
    ids: Int32Array,
    values: Float32Array,
    width: number,
    scale?: number,
  ): void
  /**
   * Adds up the values of equal ids. Writes the ids that differ to `out.rows`, in the order in which they first appear,
   * and their sums to `out.values`; returns how many they are. What lies behind them in `out` is undefined.
   */
  combineRows(rows: RowValues, out: CombinedRows): number
  /** Σ values², to about 1e-6 of itself (squares in float32, blocks of 1,024 added in float64). */
  sumOfSquares(values: Float32Array): number
  /** Sets every element to `value`. */
  fill(values: Float32Array, value: number): void
  /** target ← (1 − share)·target + share·source, of equal length; `share`: 0 to 1, where 1 copies. */
  blend(target: Float32Array, source: Float32Array, share: number): void
  /**
   * Fills `mask` with 1/share (kept) or 0 (dropped), each element kept by chance with `share = keptShare(probability)`.
   *
   * `probability` of dropping: [0, 1). `state`: the sixteen words of `seedState`, anywhere; they are moved on by one step
   * for each sixteen elements begun, so masks made one after the other equal one long mask if all but the last have
   * lengths divisible by 16.
   *
   * Paper: Marsaglia 2003, Xorshift RNGs (128 bits, four streams side by side).
   */
  dropoutMask(mask: Float32Array, probability: number, state: Uint32Array): void
}

/** How many bytes of memory the views of a `Kernels` may take together, each rounded up to a multiple of 64. */
export interface KernelsOptions {
  /** 0 to 4,294,000,000; the memory is taken at once and zeroed. */
  readonly bytes: number
}

/** What makes up the kernels below the checks: each implementation (WebAssembly, plain) is one such record. */
export interface Backend {
  readonly buffer: ArrayBuffer
  /** First byte for views; a multiple of 64. */
  readonly start: number
  /** The byte after the last. */
  readonly end: number
  update(rule: UpdateRule, updated: Updated, factors: readonly number[]): void
  updateRows(rule: UpdateRule, updated: UpdatedRows, factors: readonly number[]): void
  scatterAddRows(table: Float32Array, rows: RowValues, scale: number): void
  combineRows(rows: RowValues, out: CombinedRows): number
  sumOfSquares(values: Float32Array): number
  fill(values: Float32Array, value: number): void
  /** `kept` and `share` in float32. */
  blend(target: Float32Array, source: Float32Array, shares: readonly [kept: number, share: number]): void
  dropoutMask(mask: Float32Array, draw: KeepDraw, state: Uint32Array): void
}

/** `last`: the largest byte that keeps its element; `value`: what a kept element becomes. */
export interface KeepDraw {
  readonly last: number
  readonly value: number
}
