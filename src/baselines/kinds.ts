import { checkChoice } from '../options.ts'
import type { Baseline } from './baseline.ts'
import { decayedMarkov } from './decayed-markov.ts'
import { ease } from './ease.ts'
import { itemKnn } from './item-knn.ts'
import { markov } from './markov.ts'
import { popularity } from './popularity.ts'
import { recentPopularity } from './recent-popularity.ts'
import { sessionPopularity } from './session-popularity.ts'
import { stan } from './stan.ts'
import { vsknn } from './vsknn.ts'
import { vstan } from './vstan.ts'

/** Every baseline by its kind: what the command line, the page and the tests go through. A new one has its one line here. Constructors check what they are given. */
const kinds = {
  popularity,
  'recent-popularity': recentPopularity,
  'session-popularity': sessionPopularity,
  markov,
  'decayed-markov': decayedMarkov,
  'item-knn': itemKnn,
  vsknn,
  stan,
  vstan,
  ease,
} as const satisfies Readonly<Record<string, (options?: never) => Baseline>>

export type BaselineKind = keyof typeof kinds

export const baselineKinds = Object.keys(kinds) as readonly BaselineKind[]

/** The baseline of a kind. Throws `OPTION_INVALID`, naming the kinds there are, and what its constructor throws. */
export function baselineOfKind(kind: string, options: Readonly<Record<string, unknown>> = {}): Baseline {
  checkChoice('baseline', kind, baselineKinds)
  return (kinds[kind as BaselineKind] as (options: unknown) => Baseline)(options)
}
