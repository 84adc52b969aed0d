import fc from 'fast-check'
import { dtypes, isInteger, isNumber } from './dtype.ts'
import { type ColumnSchema, type ColumnSchemaInput, reservedProperties } from './column-schema.ts'
import type { JsonObject, JsonValue } from './json-value.ts'
import { type Schema, schema } from './schema.ts'

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 })
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const json = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    number,
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.string({ unit: 'binary', maxLength: 8 }), tie('value'), { maxKeys: 3 }),
  ),
})).value
const properties = fc
  .dictionary(
    text.filter((key) => !reservedProperties.includes(key)),
    json,
    { maxKeys: 4 },
  )
  .map((value) => value as JsonObject)
const dimension = fc.oneof(
  fc.record({ min: fc.nat(50) }),
  fc.tuple(fc.nat(50), fc.nat(50)).map(([min, more]) => ({ min, max: min + more })),
)
const pair = <Value extends number | bigint>(
  each: fc.Arbitrary<Value>,
): fc.Arbitrary<{ min: Value; max: Value }> =>
  fc.tuple(each, each).map(([a, b]) => (a < b ? { min: a, max: b } : { min: b, max: a }))
const tag = fc.oneof(
  fc.constantFrom('item', 'id', 'user', 'session', 'list', 'time', 'categorical', 'Item_ID'),
  text,
)

const column: fc.Arbitrary<ColumnSchemaInput> = fc.constantFrom(...dtypes).chain((dtype) => {
  const bounds = isInteger(dtype) ? pair(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })) : pair(number)
  const domain = fc
    .tuple(bounds, fc.option(text, { nil: undefined }))
    .map(([range, name]) => ({ ...range, ...(name === undefined ? {} : { name }) }))
  return fc.record(
    {
      name: text,
      dtype: fc.constant(dtype),
      tags: fc.array(tag, { maxLength: 4 }),
      properties,
      ...(isNumber(dtype) && { domain }),
      shape: fc.array(dimension, { minLength: 1, maxLength: 3 }),
    },
    { requiredKeys: ['name', 'dtype'] },
  )
})

/** Any schema that `schema` takes. */
export const anySchema: fc.Arbitrary<Schema> = fc
  .uniqueArray(column, { selector: ({ name }) => name, maxLength: 5 })
  .map((columns) => schema(columns))

/** A column as `tools/parity/merlin_schema.py` prints it. */
export function printed(given: ColumnSchema): object {
  return {
    ...given,
    tags: [...given.tags].sort(),
    ...(given.domain && {
      domain: Object.fromEntries(
        Object.entries(given.domain).map(([key, value]) => [
          key,
          typeof value === 'bigint' ? String(value) : value,
        ]),
      ),
    }),
  }
}
