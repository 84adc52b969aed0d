export { loadRecommender, type LoadOptions } from './load-recommender.ts'
export type { RecommendedItem, Recommendations, Recommender, RecommendOptions } from './recommender.ts'
export type { RuleTrace } from './rule-trace.ts'
export type { ShopOptions } from './shop-options.ts'
