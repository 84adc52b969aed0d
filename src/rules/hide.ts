import type { Rule } from './rule.ts'
import { inForce, readList, readObject, readText, TIMES, type Times } from './rule-checks.ts'

export type Hidden = string | ({ readonly item: string } & Times)

/** Items that are never recommended, pinned or explored; by id, at all times or for some. */
export const hide: Rule<readonly Hidden[]> = {
  read: (value, path, { now }) =>
    readList(value, path, {
      most: 10_000,
      read: (entry, at): readonly Hidden[] => {
        if (typeof entry === 'string') return [readText(entry, at, 'the id of an item')]
        const own = readObject(entry, at, { required: ['item'], optional: TIMES })
        const item = readText(own['item'], `${at}.item`, 'the id of an item')
        return inForce(own, at, now) ? [item] : []
      },
    }).flat(),
  effect: (hidden) => ({ hidden: hidden as readonly string[] }),
}
