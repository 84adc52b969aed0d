/** The public entry `ensuite/web`: everything that runs in a browser or a worker. Nothing here may need Node. It runs the graphs of an artifact, and has no recommender: a baseline has no graph, and answers on Node and over HTTP alone. */
export * from './graph/index.ts'
export { webRuntime, type WebRuntimeOptions } from './graph/web.ts'
export {
  catalogueFrom,
  createCatalogue,
  recentPopularity,
  type Catalogue,
  type CatalogueItem,
  type CatalogueSnapshot,
  type RecentPopularity,
} from './catalogue/index.ts'
export { checkRules, type Rules } from './rules/index.ts'
