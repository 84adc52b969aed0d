export { loadRecommender, type LoadOptions } from './load-recommender.ts'
export type { NewItem } from './new-items.ts'
export type { Recommendations, Recommender, RecommendOptions } from './recommender.ts'
