import type { Catalogue } from '../catalogue/index.ts'
import type { Limit, Rule } from './rule.ts'
import {
  catalogueFor,
  inForce,
  readList,
  readNumber,
  readObject,
  readText,
  refused,
  TIMES,
  type Times,
} from './rule-checks.ts'

/** At most so many items of one value of an attribute, such as of one brand. An item with several values counts for each, one without any for none. */
export type Cap = { readonly attribute: string; readonly most: number } & Times

export const caps: Rule<readonly Cap[]> = {
  read: (value, path, context) =>
    readList(value, path, {
      most: 20,
      read: (entry, at): readonly Cap[] => {
        const own = readObject(entry, at, { required: ['attribute', 'most'], optional: TIMES })
        const attribute = readText(own['attribute'], `${at}.attribute`, 'an attribute')
        const { attributes } = catalogueFor(at, context)
        if (!Object.hasOwn(attributes, attribute))
          throw refused(
            `${at}.attribute`,
            `one of ${Object.keys(attributes).join(', ') || 'none'}, received '${attribute.slice(0, 60)}'`,
          )
        const most = readNumber(own['most'], `${at}.most`, { integer: true, min: 1, max: 1000 })
        return inForce(own, at, context.now) ? [{ attribute, most }] : []
      },
    }).flat(),
  effect: (all, context) =>
    all.length === 0 ? {} : { limits: () => limitOf(all, catalogueFor('caps', context)) },
}

function limitOf(all: readonly Cap[], catalogue: Catalogue): Limit {
  const counts = all.map(() => new Map<string, number>())
  const keys = (item: string, at: number): readonly string[] => {
    const place = catalogue.placeOf(item)
    return place < 0 ? [] : catalogue.keysAt(all[at]!.attribute, place)
  }
  return {
    admits: (item) =>
      all.every(({ most }, at) => keys(item, at).every((key) => (counts[at]!.get(key) ?? 0) < most)),
    take: (item) => {
      for (const [at, own] of counts.entries())
        for (const key of new Set(keys(item, at))) own.set(key, (own.get(key) ?? 0) + 1)
    },
  }
}
