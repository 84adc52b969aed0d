import { EnsuiteError } from '../errors.ts'
import {
  type ColumnSchema,
  columnSchema,
  type Dimension,
  isList,
  isRagged,
  reservedProperties,
} from './column-schema.ts'
import type { Domain } from './domain.ts'
import {
  type Dtype,
  dtypeOf,
  dtypes,
  elementBits,
  featureKind,
  type FeatureKind,
  isInteger,
} from './dtype.ts'
import type { JsonObject, JsonValue } from './json-value.ts'

/** A column as both file formats hold it: the parts of `tensorflow-metadata`'s `Feature` that Merlin uses. */
export interface Feature {
  readonly name: string
  readonly kind?: FeatureKind
  /** 0 where a bound is not told. */
  readonly valueCount?: { readonly min: number; readonly max: number }
  readonly intDomain?: Domain & { readonly categorical: boolean }
  readonly floatDomain?: Domain
  readonly tags: readonly string[]
  /** Properties, and `_dims`, `is_list`, `is_ragged`, `dtype_item_size`. */
  readonly extra?: JsonObject
}

/** The dtypes that Merlin's files cannot tell apart from another are named in one property more. */
const hinted = (dtype: Dtype): boolean => dtype === 'bool' || dtype.startsWith('uint')

export function featureOf(column: ColumnSchema): Feature {
  const { name, dtype, tags, properties, domain, shape } = column
  const kind = featureKind(dtype)
  const bits = elementBits(dtype)
  const values = shape?.[1]
  return {
    name,
    ...(kind === undefined ? {} : { kind }),
    ...(values === undefined ? {} : { valueCount: { min: values.min, max: values.max ?? 0 } }),
    ...(domain === undefined
      ? {}
      : isInteger(dtype)
        ? { intDomain: { ...domain, categorical: tags.includes('categorical') } }
        : { floatDomain: domain }),
    tags,
    extra: {
      ...properties,
      _dims: (shape ?? []).map(({ min, max }) => (min === max ? min : [min, max ?? null])),
      is_list: isList(column),
      is_ragged: isRagged(column),
      ...(bits === undefined ? {} : { dtype_item_size: bits }),
      ...(hinted(dtype) ? { _dtype: dtype } : {}),
    },
  }
}

/**
 * The column of a feature, by Merlin's rules: INT and FLOAT of no told size have 64 bits, `_dims` wins over
 * `value_count`, `is_categorical` adds the tag. Differs: an element of 64 bits without a type is a `datetime`.
 */
export function columnOf(feature: Feature, options: { readonly override?: boolean }): ColumnSchema {
  const { name, kind, tags, extra = {} } = feature
  const dtype = readDtype(kind, extra)
  const domain = kind === 'INT' ? feature.intDomain : kind === 'FLOAT' ? feature.floatDomain : undefined
  const categorical = kind === 'INT' && feature.intDomain?.categorical === true
  const misplaced = ['domain', 'value_count', '@type'].find((key) => Object.hasOwn(extra, key))
  if (misplaced !== undefined)
    throw invalid(name, `no '${misplaced}' in its extra metadata: it belongs in the feature itself`)
  const shape = readShape(feature, extra)
  return columnSchema(
    {
      name,
      dtype,
      tags:
        categorical && !tags.some((tag) => tag.toLowerCase() === 'categorical')
          ? [...tags, 'categorical']
          : tags,
      properties: Object.fromEntries(
        Object.entries(extra).filter(([key]) => !reservedProperties.includes(key)),
      ),
      ...(domain === undefined
        ? {}
        : {
            domain: {
              min: domain.min,
              max: domain.max,
              ...(domain.name === undefined || domain.name === '' ? {} : { name: domain.name }),
            },
          }),
      ...(shape === undefined ? {} : { shape }),
    },
    options,
  )
}

function readDtype(kind: FeatureKind | undefined, extra: JsonObject): Dtype {
  const { dtype_item_size: size, _dtype: hint } = extra
  const bits = typeof size === 'number' && size > 0 ? size : undefined
  const named = dtypes.find((dtype) => dtype === hint && hinted(dtype))
  // Who changes the type and knows nothing of the hint leaves it behind: it counts where it agrees.
  if (named !== undefined && featureKind(named) === kind && elementBits(named) === bits) return named
  return kind === undefined && bits === 64 ? 'datetime' : dtypeOf(kind, bits)
}

function readShape(feature: Feature, extra: JsonObject): readonly Dimension[] | undefined {
  const { _dims: dims } = extra
  if (dims !== undefined && !Array.isArray(dims)) throw invalid(feature.name, 'a list as _dims')
  if (Array.isArray(dims) && dims.length > 0)
    return (dims as readonly JsonValue[]).map((dimension) => readDimension(feature.name, dimension))
  const { min = 0, max = 0 } = feature.valueCount ?? {}
  if (min > 0 || max > 0) return [{ min: 0 }, { min, ...(max > 0 ? { max } : {}) }]
  return extra['is_list'] === true ? [{ min: 0 }, { min: 0 }] : undefined
}

function readDimension(name: string, dimension: JsonValue): Dimension {
  if (dimension === null) return { min: 0 }
  if (typeof dimension === 'number') return { min: dimension, max: dimension }
  if (Array.isArray(dimension) && dimension.length === 2) {
    const [min, max] = dimension as readonly JsonValue[]
    if (typeof min === 'number' && max === null) return { min }
    if (typeof min === 'number' && typeof max === 'number') return { min, max }
  }
  throw invalid(name, `_dims of numbers, nulls and pairs, received ${JSON.stringify(dimension).slice(0, 80)}`)
}

function invalid(name: string, expected: string): EnsuiteError {
  return new EnsuiteError('SCHEMA_INVALID', `Column '${name}' expects ${expected}.`)
}
