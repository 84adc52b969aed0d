export { matchesKind, type ColumnKind } from './column-kinds.ts'
export { columnStatistics, type ColumnStatistics, type EventStatistics } from './column-statistics.ts'
export type { EventFormat, EventSource } from './event-source.ts'
export {
  prepareDataset,
  type PreparedDataset,
  type PrepareOptions,
  type PrepareProgress,
} from './recipes/prepare-dataset.ts'
export type { PreparationStep, Recipe, RecipeColumn, RecipeInput, RecipeLookup } from './recipes/recipe.ts'
export { readHead } from './file-head.ts'
export { verifyGzip } from './verify-gzip.ts'
