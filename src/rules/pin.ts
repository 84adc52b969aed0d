import type { Rule } from './rule.ts'
import {
  inForce,
  readList,
  readNumber,
  readObject,
  readText,
  refused,
  TIMES,
  type Times,
} from './rule-checks.ts'

/** An item at a place, 1 for the first: where it may be recommended and is not hidden, and even where the session has seen it. */
export type Pin = { readonly item: string; readonly place: number } & Times

export const pin: Rule<readonly Pin[]> = {
  read: (value, path, { now }) => {
    const pins = readList(value, path, {
      most: 100,
      read: (entry, at): readonly (Pin & { readonly path: string })[] => {
        const own = readObject(entry, at, { required: ['item', 'place'], optional: TIMES })
        const item = readText(own['item'], `${at}.item`, 'the id of an item')
        const place = readNumber(own['place'], `${at}.place`, { integer: true, min: 1, max: 1000 })
        return inForce(own, at, now) ? [{ item, place, path: at }] : []
      },
    }).flat()
    for (const name of ['item', 'place'] as const) {
      const twice = pins.find((each, at) => pins.findIndex((other) => other[name] === each[name]) !== at)
      if (twice !== undefined) throw refused(twice.path, `another ${name} than the pins before it`)
    }
    return pins
  },
  effect: (pins) => ({ pins: pins.map(({ item, place }) => ({ item, place: place - 1 })) }),
}
