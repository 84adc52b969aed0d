import type { VectorFilter } from '../vector-store/filter.ts'
import type { Rule } from './rule.ts'
import { readFilter } from './rule-checks.ts'

/** Only what the filter is true of is recommended. */
export const filter: Rule<VectorFilter> = {
  read: readFilter,
  effect: (own) => ({ filter: own }),
}
