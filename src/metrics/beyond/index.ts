import type { BeyondAbout, BeyondMetric, ItemFacts } from './beyond-metric.ts'
import { coverage } from './coverage.ts'
import { diversity } from './diversity.ts'
import { gini } from './gini.ts'
import { novelty } from './novelty.ts'
import { popularityLift } from './popularity-lift.ts'
import { popularity } from './popularity.ts'
import { serendipity } from './serendipity.ts'

/** Every metric beyond accuracy, at a cutoff and of what is known of the items; nothing of one that needs what is not. A new metric has its one line here. */
export const beyondMetrics: readonly (((k: number, facts: ItemFacts) => BeyondMetric | undefined) &
  BeyondAbout)[] = [coverage, gini, popularity, popularityLift, novelty, diversity, serendipity]

export { coverage, diversity, gini, novelty, popularity, popularityLift, serendipity }
export { firstOf } from './beyond-metric.ts'
export type {
  BeyondAbout,
  BeyondMetric,
  ItemFacts,
  ListDiversity,
  ListMetric,
  RecommendedLists,
  SetMetric,
} from './beyond-metric.ts'
export { categoryDiversity, vectorDiversity } from './list-diversity.ts'
