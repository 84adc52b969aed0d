import type { ColumnStatistics } from '../events/index.ts'
import { nameHint, type NameHint } from './column-names.ts'
import { type Codes, codesOf } from './sample.ts'

/** What a column is for. One column each is the session, the user, the item and the time. */
export const roles = [
  'session',
  'user',
  'item',
  'time',
  'categorical',
  'continuous',
  'text',
  'ignore',
] as const
export type Role = (typeof roles)[number]
export const singleRoles: readonly Role[] = ['session', 'user', 'item', 'time']

export interface Guess {
  readonly role: Role
  /** Why, in a few words. */
  readonly reason: string
  /** Whose property it is, where that is seen: `item`, `user`, `session`. */
  readonly of?: 'item' | 'user' | 'session'
  /** What a time that is a number counts. */
  readonly unit?: string
  /** Of a column that would be the time: the first value that is none. */
  readonly unreadableTime?: { readonly value: string; readonly row: number; readonly rows?: number }
}

/** A column with what guessing needs. */
export interface Facts {
  readonly statistics: ColumnStatistics
  readonly hint: NameHint
  readonly codes: Codes
  readonly present: number
  /** Rows with a value, for each different one. */
  readonly rowsPerValue: number
}

export function factsOf(statistics: ColumnStatistics, events: number): Facts {
  const present = events - statistics.missing
  return {
    statistics,
    hint: nameHint(statistics.name),
    codes: codesOf(statistics.sample),
    present,
    rowsPerValue: present / Math.max(1, statistics.distinct),
  }
}

/** The columns that already have a role, by role: what later guesses rest on. */
export type Found = ReadonlyMap<Role, Facts>

export const shown = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 1 })
