/** The public entry `ensuite/web`: everything that runs in a browser or a worker. Nothing here may need Node. */
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
