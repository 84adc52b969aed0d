import type { VectorFilter } from '../vector-store/filter.ts'
import type { Rule } from './rule.ts'
import {
  inForce,
  readFilter,
  readList,
  readNumber,
  readObject,
  refused,
  TIMES,
  type Times,
} from './rule-checks.ts'

/**
 * Items that a filter is true of are raised or lowered. Scores are logits, so `multiply` multiplies how likely an item is by adding its logarithm: a negative score
 * rises with it, too. `add` is added to the score as it is. Several boosts of an item add up.
 */
export type Boost = { readonly when: VectorFilter } & Times &
  ({ readonly multiply: number } | { readonly add: number })

export const boosts: Rule<readonly Boost[]> = {
  read: (value, path, context) =>
    readList(value, path, {
      most: 100,
      read: (entry, at): readonly Boost[] => {
        const own = readObject(entry, at, { required: ['when'], optional: ['multiply', 'add', ...TIMES] })
        const when = readFilter(own['when'], `${at}.when`, context)
        if ((own['multiply'] === undefined) === (own['add'] === undefined))
          throw refused(at, 'multiply or add, one of the two')
        const boost =
          own['add'] === undefined
            ? { multiply: readNumber(own['multiply'], `${at}.multiply`, { min: 1e-6, max: 1e6 }) }
            : { add: readNumber(own['add'], `${at}.add`, { min: -1000, max: 1000 }) }
        return inForce(own, at, context.now) ? [{ when, ...boost }] : []
      },
    }).flat(),
  effect: (all) => ({
    boosts: all.map((each) => ({
      when: each.when,
      add: 'add' in each ? each.add : Math.log(each.multiply),
    })),
  }),
}
