export {
  columnSchema,
  isList,
  isRagged,
  type ColumnSchema,
  type ColumnSchemaInput,
  type Dimension,
} from './column-schema.ts'
export type { Domain } from './domain.ts'
export { dtypes, type Dtype } from './dtype.ts'
export {
  columnNamed,
  excluding,
  first,
  merge,
  only,
  schema,
  select,
  without,
  type ColumnSelection,
  type Schema,
} from './schema.ts'
export { schemaFromJson, schemaToJson } from './schema-json.ts'
export { schemaFromText, schemaToText } from './schema-text.ts'
export { readSchema, writeSchema } from './schema-files.ts'
export { tags } from './tags.ts'
export { inferSchema, type InferredColumn, type InferredSchema, type InferOptions } from './infer-schema.ts'
export { roles, type Role } from './guess.ts'
