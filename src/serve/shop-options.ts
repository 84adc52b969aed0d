import type { RecommendOptions } from '../recommend/index.ts'
import type { Rules } from '../rules/index.ts'
import type { Shop } from './shop.ts'

/** What a request says of items. */
export interface AskedOfShop {
  readonly requestId: string
  readonly rules?: Rules | undefined
  readonly dryRun?: boolean | undefined
  readonly attribution?: string | undefined
  /** What was found elsewhere, where the model knows no item of the session. */
  readonly similar?: RecommendOptions['similar']
}

/** What the server and a request say of items; nothing where neither says anything, so that answers are the model's alone. */
export function shopOptions(
  { catalogue, rules, popularity, time }: Shop,
  { requestId, rules: own, dryRun, attribution, similar }: AskedOfShop,
): Partial<RecommendOptions> {
  const isAsked = [catalogue, rules, own, dryRun, attribution, similar].some((each) => each !== undefined)
  if (!isAsked) return {}
  return {
    rules: { ...rules, ...own },
    popularity,
    now: time(),
    attribution: attribution ?? requestId,
    ...(catalogue && { catalogue }),
    ...(similar && { similar }),
    ...(dryRun !== undefined && { dryRun }),
  }
}
