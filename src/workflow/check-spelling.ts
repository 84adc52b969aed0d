import { EnsuiteError } from '../errors.ts'
import type { Event } from './event-values.ts'

/** Two names that differ in nothing else are one, to who writes them. */
const folded = (name: string): string => name.toLowerCase().replaceAll(/[\s_.-]/g, '')

/**
 * What refuses an event whose value stands under another spelling of a column's name: `Category` for `category`. It would count as missing, and change what is answered without a word.
 * Other names that no column has are the event's own. Throws `COLUMN_MISSING`.
 */
export function spellingCheck(read: readonly { readonly name: string }[]): (event: Event) => void {
  // The first is the session, which a live session need not name.
  const names = [...new Set(read.slice(1).map(({ name }) => name))]
  const columns = new Set(names)
  const spellings = new Map<string, string[]>()
  for (const name of names) spellings.set(folded(name), [...(spellings.get(folded(name)) ?? []), name])
  return (event) => {
    if (typeof event !== 'object' || (event as unknown) === null) return
    for (const key of Object.keys(event)) {
      if (columns.has(key)) continue
      const meant = spellings.get(folded(key))?.find((name) => !Object.hasOwn(event, name))
      if (meant === undefined) continue
      throw new EnsuiteError(
        'COLUMN_MISSING',
        `An event has '${key}' and no '${meant}', which the workflow reads. Write '${meant}', or leave it out.`,
      )
    }
  }
}
