import type { RuleName } from '../rules/index.ts'

/** What one rule did to an answer, beside the answer by the rules before it. */
export interface RuleTrace {
  readonly rule: RuleName
  /** How many items of the catalogue may be recommended with it; none without a catalogue. */
  readonly allowed?: number
  /** Items that it took away, and those that came in. */
  readonly removed: readonly string[]
  readonly added: readonly string[]
  /** Items at another place than before; places count from 1. */
  readonly moved: readonly { readonly item: string; readonly from: number; readonly to: number }[]
}

/** What differs between two answers. */
export function traceOf(
  rule: RuleName,
  before: readonly string[],
  after: { readonly items: readonly string[]; readonly allowed?: number },
): RuleTrace {
  const { items, allowed } = after
  return {
    rule,
    ...(allowed !== undefined && { allowed }),
    removed: before.filter((item) => !items.includes(item)),
    added: items.filter((item) => !before.includes(item)),
    moved: items.flatMap((item, to) => {
      const from = before.indexOf(item)
      return from < 0 || from === to ? [] : [{ item, from: from + 1, to: to + 1 }]
    }),
  }
}
