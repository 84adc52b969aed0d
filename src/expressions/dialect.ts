import type { Value, ValueType } from './value.ts'

/**
 * What one engine's SQL calls things; everything else that operators emit is common to all.
 * Arguments are short: names of columns, literals, arithmetic on them, or one call of these; they may stand in the result more than once.
 */
export interface Dialect {
  readonly literal: (value: Value) => string
  readonly types: Readonly<Record<ValueType, string>>
  /** Null where a number is not finite. */
  readonly finite: (sql: string) => string
  /** A number that 32 bits can hold, rounded to them, still a double. Nothing is checked: checks cost more than what is computed. */
  readonly rounded: (sql: string) => string
  /** The first 8 bytes of the MD5 of a text, little-endian, modulo `buckets`: the same number on every engine. */
  readonly bucket: (sql: string, buckets: number) => string
  /** A whole number as text, null for one that is no whole number below 2⁵³. */
  readonly wholeAsText: (sql: string) => string
  /** Text as a number, null where it is not spelled as `numberPattern` says. */
  readonly textAsNumber: (sql: string) => string
  /** The part of a text at a place, from 0, or from −1 at the end; null for one that is not there, or has nothing but `spaces`, of which it is trimmed. */
  readonly part: (sql: string, separator: string, index: number) => string
  /** The number at a place, from 0, of a list. */
  readonly pick: (numbers: readonly number[], place: string) => string
  /** How many numbers of a rising list are at most this one. */
  readonly countAtMost: (sql: string, rising: readonly number[]) => string
  /**
   * The sum of the numbers of a group, the same in whatever order they come; null of none. `largest`: what none is beyond.
   * `where`: a condition for those that count.
   */
  readonly sum: (
    sql: string,
    options: { readonly largest: number; readonly where?: string | undefined },
  ) => string
  /** The sum of numbers over a window (`OVER …`), exact: see `exactSum`. Null where one is beyond its bound, or there is none. */
  readonly exactSum: (sql: string, over: string) => string
  /** The least number but `place` − 1 over a window; null where that is no whole number, or there are not so many numbers. */
  readonly leastAt: (sql: string, place: string, over: string) => string
  /** Σ l[i]·r[i] of two sparse vectors as texts, rounded to 32 bits: what the operator `sparseProduct` evaluates to. */
  readonly sparseProduct: (left: string, right: string) => string
  /** The first or last value over a window that is there. */
  readonly present: (which: 'first' | 'last', sql: string, over: string) => string
}

/** The white space that JavaScript's `trim` takes away; engines have other ideas of it. */
export const spaces =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff'

/** How a number is spelled, in files as online. */
export const numberPattern = String.raw`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`
