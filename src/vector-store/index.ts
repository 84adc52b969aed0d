export { approximateVectors, exactVectors, type ExactOptions } from './embedded-vectors.ts'
export type { ApproximateOptions } from './approximate-nearest.ts'
export { lanceVectors, type LanceOptions } from './lance-database.ts'
export { milvusVectors } from './milvus-database.ts'
export type { MilvusOptions } from './milvus-options.ts'
export { publishVectors, type PublishOptions } from './publish-vectors.ts'
export type { VersionAbout } from './version-about.ts'
export type { Comparison, VectorFilter } from './filter.ts'
export type {
  AttributeType,
  AttributeValue,
  Found,
  SearchOptions,
  VectorDatabase,
  VectorRow,
  VectorSchema,
  VectorStore,
} from './vector-store.ts'
