import { rowTest, type VectorFilter } from './filter.ts'
import type { VectorTable } from './vector-table.ts'

/** Which rows may be found, and how many that is: `NearestOptions`. */
export interface AllowedRows {
  /** [table.size]. */
  readonly allowed: Uint8Array
  readonly most: number
  /** [most]: their places, ascending, where a filter lets few pass: looking for a thousand in a million takes longer than scoring them. */
  readonly places?: Int32Array
}

/** Of so many rows one at most is few. */
const FEW = 8

/** Filters that are remembered: those of a shop are few, and looking through a million rows takes longer than searching them. */
const REMEMBERED = 8

/** Of a filter the rows that may be found, as long as the table does not change. Throws what `rowTest` throws. */
export function allowedRows(table: VectorTable): (filter?: VectorFilter) => AllowedRows {
  let changes = table.changes
  const remembered = new Map<string, AllowedRows>()
  return (filter) => {
    if (filter === undefined) return { allowed: table.alive, most: table.count }
    const test = rowTest(filter, table.schema, table.columns)
    if (changes !== table.changes) {
      remembered.clear()
      ;({ changes } = table)
    }
    // It was a filter, so it is JSON.
    const key = JSON.stringify(filter)
    const known = remembered.get(key)
    if (known !== undefined) return known
    const { alive } = table
    const allowed = new Uint8Array(alive.length)
    let most = 0
    for (let place = 0; place < alive.length; place++)
      if (alive[place] === 1 && test(place)) {
        allowed[place] = 1
        most++
      }
    const rows = { allowed, most, ...(most * FEW <= alive.length && { places: placesOf(allowed, most) }) }
    const [oldest] = remembered.keys()
    if (remembered.size >= REMEMBERED) remembered.delete(oldest!)
    remembered.set(key, rows)
    return rows
  }
}

function placesOf(allowed: Uint8Array, most: number): Int32Array {
  const places = new Int32Array(most)
  for (let place = 0, at = 0; at < most; place++) if (allowed[place] === 1) places[at++] = place
  return places
}
