import { conditionText, type VectorFilter } from './filter.ts'
import type { AttributeValue, VectorSchema } from './vector-store.ts'

/** Before the names of attributes, none of which is a word of SQL then. */
export const OWN = 'a_'

/** A value as SQL writes it: texts with their quotation marks doubled, which is all that ends a text. */
const literal = (value: AttributeValue): string =>
  typeof value === 'string'
    ? `'${value.replaceAll("'", "''")}'`
    : typeof value === 'number'
      ? `CAST('${value}' AS DOUBLE)`
      : String(value)

const sql = {
  equals: '=',
  literal,
  truth: ['false', 'true'],
  name: (attribute: string) => `${OWN}${attribute}`,
} as const

/** Rows of these ids. */
export const oneOf = (ids: readonly string[]): string => `id in (${ids.map(literal).join(', ')})`

/** A filter as a condition of SQL. Throws `OPTION_INVALID` for what is no filter of the schema. */
export const lanceCondition = (filter: VectorFilter, schema: VectorSchema): string =>
  conditionText(filter, schema, sql)
