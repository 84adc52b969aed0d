export {
  catalogueFrom,
  createCatalogue,
  type Admission,
  type Availability,
  type Catalogue,
  type CatalogueSnapshot,
} from './catalogue.ts'
export {
  checkId,
  type CatalogueItem,
  type ItemAttributeType,
  type ItemAttributeValue,
} from './catalogue-item.ts'
export { boundedCache, type BoundedCache } from './bounded-cache.ts'
export { filterSchema } from './filter-mask.ts'
export { identities } from './identities.ts'
export { checkPlainJson } from './plain-json.ts'
export { recentPopularity, type RecentPopularity } from './recent-popularity.ts'
