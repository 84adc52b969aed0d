import { checkPlainJson } from '../catalogue/index.ts'
import { checkOptions } from '../options.ts'
import { ruleKinds, ruleNames, type RuleName, type Rules } from './kinds.ts'
import type { Rule, RuleContext, RuleEffect } from './rule.ts'

/** What rules do to one answer, by their names, in the order in which they are applied. */
export type RuleEffects = readonly (readonly [RuleName, RuleEffect])[]

/**
 * Rules as they act at an instant. Throws `OPTION_UNKNOWN` for a name that is none, and `OPTION_INVALID`, naming the path, for anything that is no rule of this catalogue: deep or large JSON, what is
 * no JSON at all, attributes and comparisons that are not there.
 */
export function readRules(rules: unknown, context: RuleContext): RuleEffects {
  checkPlainJson('rules', rules)
  checkOptions('rules', rules as object, ruleNames)
  const given = rules as Readonly<Record<string, unknown>>
  return ruleNames.flatMap((name) => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (value === undefined) return []
    const rule = ruleKinds[name] as Rule<unknown>
    return [[name, rule.effect(rule.read(value, `rules.${name}`, context), context)] as const]
  })
}

/** Throws what `recommend` would throw for these rules. `now`: milliseconds since 1970; default 0. */
export function checkRules(rules: unknown, context: Partial<RuleContext> = {}): asserts rules is Rules {
  readRules(rules, { now: 0, ...context })
}
