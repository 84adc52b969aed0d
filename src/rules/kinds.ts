import { boosts } from './boosts.ts'
import { caps } from './caps.ts'
import { diversity } from './diversity.ts'
import { exploration } from './exploration.ts'
import { filter } from './filter.ts'
import { hide } from './hide.ts'
import { pin } from './pin.ts'
import { quotas } from './quotas.ts'
import type { Rule } from './rule.ts'
import { temperature } from './temperature.ts'

/**
 * All rules, in the order in which they are applied: the first three before the best are taken, over all items; then pins take their places, then what quotas want at least, then new items,
 * and the best of the rest fill up. Noise is in the scores by then, caps turn away throughout, and diversity orders.
 */
export const ruleKinds = {
  filter,
  hide,
  boosts,
  pin,
  quotas,
  caps,
  exploration,
  temperature,
  diversity,
} as const

export type RuleName = keyof typeof ruleKinds
type OptionsOf<Of> = Of extends Rule<infer Options> ? Options : never

/** What a shop wants of its recommendations: data, as JSON holds it, checked by `checkRules`, never run. */
export type Rules = { readonly [Name in RuleName]?: OptionsOf<(typeof ruleKinds)[Name]> }

export const ruleNames = Object.keys(ruleKinds) as readonly RuleName[]
