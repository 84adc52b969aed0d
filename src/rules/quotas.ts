import type { Catalogue } from '../catalogue/index.ts'
import type { VectorFilter } from '../vector-store/filter.ts'
import type { Limit, Rule } from './rule.ts'
import {
  catalogueFor,
  inForce,
  readFilter,
  readList,
  readNumber,
  readObject,
  refused,
  TIMES,
  type Times,
} from './rule-checks.ts'

/** Of the items that a filter is true of, at least or at most so many in an answer. */
export type Quota = { readonly when: VectorFilter } & Times &
  ({ readonly least: number } | { readonly most: number })

/** What is wanted at least is chosen first, the best of it; caps and `most` go before `least`, and pins before all. */
export const quotas: Rule<readonly Quota[]> = {
  read: (value, path, context) =>
    readList(value, path, {
      most: 20,
      read: (entry, at): readonly Quota[] => {
        const own = readObject(entry, at, { required: ['when'], optional: ['least', 'most', ...TIMES] })
        const when = readFilter(own['when'], `${at}.when`, context)
        if ((own['least'] === undefined) === (own['most'] === undefined))
          throw refused(at, 'least or most, one of the two')
        const name = own['least'] === undefined ? 'most' : 'least'
        const count = readNumber(own[name], `${at}.${name}`, { integer: true, min: 0, max: 1000 })
        if (!inForce(own, at, context.now)) return []
        return [name === 'least' ? { when, least: count } : { when, most: count }]
      },
    }).flat(),
  effect: (all, context) => {
    if (all.length === 0) return {}
    const catalogue = catalogueFor('quotas', context)
    const most = all.flatMap((each) => ('most' in each ? [each] : []))
    return {
      needs: all.flatMap((each) =>
        'least' in each && each.least > 0 ? [{ ...each, matches: matchesOf(catalogue, each.when) }] : [],
      ),
      ...(most.length > 0 && { limits: () => limitOf(most, catalogue) }),
    }
  },
}

function limitOf(
  all: readonly { readonly when: VectorFilter; readonly most: number }[],
  catalogue: Catalogue,
): Limit {
  const tests = all.map(({ when }) => matchesOf(catalogue, when))
  const counts = new Int32Array(all.length)
  return {
    admits: (item) => all.every(({ most }, at) => counts[at]! < most || !tests[at]!(item)),
    take: (item) => {
      for (const [at, test] of tests.entries()) if (test(item)) counts[at]!++
    },
  }
}

/** What the catalogue does not have, no filter is true of. */
function matchesOf(catalogue: Catalogue, when: VectorFilter): (item: string) => boolean {
  const mask = catalogue.matching(when)
  return (item) => mask[catalogue.placeOf(item)] === 1
}
