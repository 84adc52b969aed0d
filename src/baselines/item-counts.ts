import { RESERVED, UNKNOWN } from '../codes.ts'
import type { Sessions } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import { checkNumber } from '../options.ts'

/**
 * How often each item occurs in the sessions → [items], column `j` for code `j + RESERVED`. Unknown items are not counted.
 *
 * Throws `OPTION_INVALID` if a session holds an item beyond the catalogue.
 */
export function itemCounts(sessions: Sessions, items: number): Float64Array {
  checkNumber('items of a baseline', items, { integer: true, min: 1 })
  checkCatalogue(sessions, items)
  const counts = new Float64Array(items)
  addCounts(counts, sessions)
  return counts
}

/** Adds how often each item occurs to `counts`, [items], in place. The sessions are of the catalogue: see `checkCatalogue`. */
export function addCounts(counts: Float64Array, sessions: Sessions): void {
  for (const code of codesOf(sessions)) if (code >= RESERVED) counts[code - RESERVED]!++
}

/** Throws `OPTION_INVALID` if a session holds an item beyond a catalogue of this many items. */
export function checkCatalogue(sessions: Sessions, items: number): void {
  for (const code of codesOf(sessions))
    if (code < UNKNOWN || code >= items + RESERVED)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `A baseline over ${items} items expects codes from ${UNKNOWN} to ${items + RESERVED - 1} in its sessions, received ${code}. ` +
          "Give 'items' the size of the vocabulary that the sessions were coded with.",
      )
}

/** Not all of `items`: a view of some sessions may share its array with others. */
const codesOf = ({ items, offsets, count }: Sessions): Int32Array =>
  items.subarray(offsets[0], offsets[count])

/**
 * The place of each value among the distinct values, from 0 for the least, equal for equal values: [n] → [n].
 *
 * Scores are float32, exact for whole numbers below 2²⁴ only: counts may be greater, or lie so near each other
 * after a division that they tie. Levels keep the order exactly.
 */
export function levels(values: Float64Array): Float32Array {
  const sorted = values.toSorted()
  const order = new Map<number, number>()
  for (const value of sorted) if (!order.has(value)) order.set(value, order.size)
  return Float32Array.from(values, (value) => order.get(value)!)
}
