import { EnsuiteError } from '../errors.ts'
import { checkOptions } from '../options.ts'
import { checkedDomain, type Domain } from './domain.ts'
import { type Dtype, dtypes } from './dtype.ts'
import { isObject, jsonCopy, type JsonObject } from './json-value.ts'
import { addTags } from './tags.ts'

/** The sizes that one axis of a value can have. Without `max` there is no upper bound. */
export interface Dimension {
  readonly min: number
  readonly max?: number
}

/** What is known of one column. Frozen; made by `columnSchema`. */
export interface ColumnSchema {
  readonly name: string
  readonly dtype: Dtype
  /** Normalised: Merlin's own in lower case, `item_id` as `item` and `id`. */
  readonly tags: readonly string[]
  /** Anything else, as JSON. */
  readonly properties: JsonObject
  /** The range of the values, of number columns only. */
  readonly domain?: Domain
  /** `[rows]` or `[rows, values, …]`: a list column has more than one axis. Unknown where it is left out. */
  readonly shape?: readonly Dimension[]
}

export interface ColumnSchemaInput {
  readonly name: string
  /** Default: `unknown`. */
  readonly dtype?: Dtype
  readonly tags?: readonly string[]
  readonly properties?: JsonObject
  readonly domain?: Domain
  readonly shape?: readonly Dimension[]
}

const keys = ['name', 'dtype', 'tags', 'properties', 'domain', 'shape'] as const
const MAX_AXES = 16

/** Keys that the files keep for themselves, beside the properties. */
export const reservedProperties: readonly string[] = [
  'domain',
  'value_count',
  '_dims',
  '_dtype',
  'is_list',
  'is_ragged',
  'dtype_item_size',
  '@type',
]

/**
 * A column's schema, checked and normalised.
 *
 * Throws `SCHEMA_INVALID`, `OPTION_UNKNOWN`, and `TAG_COLLISION` unless `override`, which lets later tags win.
 */
export function columnSchema(
  given: ColumnSchemaInput,
  options: { readonly override?: boolean } = {},
): ColumnSchema {
  checkOptions('columnSchema', given, keys)
  checkOptions('columnSchema', options, ['override'])
  const { name, dtype = 'unknown', tags = [], properties = {}, domain, shape } = given
  if (typeof name !== 'string' || name === '')
    throw invalid('A column', `a name that is not empty, received ${JSON.stringify(name)}`)
  const where = `Column '${name}'`
  jsonCopy(`The name of ${where}`, name)
  if (!dtypes.includes(dtype))
    throw invalid(where, `a dtype of ${dtypes.join(', ')}, received ${JSON.stringify(dtype)}`)
  if (!Array.isArray(tags)) throw invalid(where, 'a list of tags')
  for (const tag of tags) jsonCopy(`A tag of ${where}`, tag)
  if (!isObject(properties)) throw invalid(where, 'properties that are an object')
  const reserved = reservedProperties.find((key) => Object.hasOwn(properties, key))
  if (reserved !== undefined)
    throw invalid(
      where,
      `properties without '${reserved}', which is kept for what dtype, domain and shape say`,
    )
  return Object.freeze({
    name,
    dtype,
    tags: Object.freeze(addTags([], tags, { where, ...options })),
    properties: jsonCopy(`${where}, properties`, properties) as JsonObject,
    ...(domain === undefined ? {} : { domain: checkedDomain(where, domain, dtype) }),
    ...(shape === undefined ? {} : { shape: checkedShape(where, shape) }),
  })
}

/** Whether a row of the column holds a list of values. */
export const isList = (column: ColumnSchema): boolean => column.shape !== undefined && column.shape.length > 1

/** Whether the lists of a column differ in length. */
export const isRagged = (column: ColumnSchema): boolean =>
  column.shape !== undefined && column.shape.slice(1).some(({ min, max }) => min !== max)

function checkedShape(where: string, shape: readonly Dimension[]): readonly Dimension[] {
  if (!Array.isArray(shape) || shape.length === 0 || shape.length > MAX_AXES)
    throw invalid(where, `a shape of 1 to ${MAX_AXES} axes`)
  return Object.freeze(
    shape.map((dimension: Dimension) => {
      if (!isObject(dimension)) throw invalid(where, 'axes like { min: 2, max: 20 }')
      checkOptions(`The shape of ${where}`, dimension, ['min', 'max'])
      const { min, max } = dimension
      const good = Number.isSafeInteger(min) && min >= 0
      if (!good || (max !== undefined && !(Number.isSafeInteger(max) && max >= min)))
        throw invalid(
          where,
          `axes of whole numbers with 0 ≤ min ≤ max, received min ${String(min)} and max ${String(max)}`,
        )
      return Object.freeze({ min: min + 0, ...(max === undefined ? {} : { max }) })
    }),
  )
}

function invalid(where: string, expected: string): EnsuiteError {
  return new EnsuiteError('SCHEMA_INVALID', `${where} expects ${expected}.`)
}
