import { EnsuiteError } from '../errors.ts'
import { exactInteger } from './domain.ts'
import type { FeatureKind } from './dtype.ts'
import { columnOf, type Feature, featureOf } from './feature.ts'
import { isObject, jsonCopy, type JsonObject } from './json-value.ts'
import { checkSchema, schema, type Schema } from './schema.ts'

const kinds: ReadonlyMap<unknown, FeatureKind> = new Map<unknown, FeatureKind>([
  ['INT', 'INT'],
  ['FLOAT', 'FLOAT'],
  ['BYTES', 'BYTES'],
  [1, 'BYTES'],
  [2, 'INT'],
  [3, 'FLOAT'],
])
const untyped: readonly unknown[] = [undefined, null, 'TYPE_UNKNOWN', 'STRUCT', 0, 4]

type Fields = Readonly<Record<string, unknown>>

/**
 * A schema from the text of `.merlin/schema.json`, protobuf's JSON: `{ feature: [{ name, type, intDomain … }] }`, whole
 * numbers of 64 bits as texts, names in camelCase or as in the proto. `where` names it in errors.
 *
 * Throws `SCHEMA_INVALID`, and `TAG_COLLISION` unless `override`.
 */
export function schemaFromJson(
  text: string,
  options: { readonly where?: string; readonly override?: boolean } = {},
): Schema {
  const { where = 'schema.json', ...rest } = options
  const parsed = parse(where, text)
  if (!isObject(parsed)) throw invalid(where, 'an object with the list feature', parsed)
  const features = parsed['feature'] ?? []
  if (!Array.isArray(features)) throw invalid(`${where}, feature`, 'a list', features)
  return schema(
    features.map((feature, index) => columnOf(readFeature(`${where}, feature[${index}]`, feature), rest)),
  )
}

function parse(where: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new EnsuiteError(
      'SCHEMA_INVALID',
      `${where} expects JSON: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    )
  }
}

function readFeature(where: string, value: unknown): Feature {
  if (!isObject(value)) throw invalid(where, 'an object', value)
  const name = text(where, value, 'name')
  if (name === undefined || name === '')
    throw invalid(`${where}.name`, 'a text that is not empty', value['name'])
  const type = value['type']
  const kind = kinds.get(type)
  if (kind === undefined && !untyped.includes(type))
    throw invalid(`${where}.type`, 'INT, FLOAT, BYTES, STRUCT or TYPE_UNKNOWN', type)
  const counts = message(where, value, 'valueCount')
  const int = message(where, value, 'intDomain')
  const float = message(where, value, 'floatDomain')
  const annotation = message(where, value, 'annotation')
  const extra = annotation === undefined ? undefined : readExtra(where, annotation)
  const domainName = (of: Fields): { readonly name?: string } => {
    const named = text(where, of, 'name')
    return named === undefined ? {} : { name: named }
  }
  return {
    name,
    ...(kind === undefined ? {} : { kind }),
    ...(counts === undefined
      ? {}
      : {
          valueCount: {
            min: Number(integer(where, counts, 'min')),
            max: Number(integer(where, counts, 'max')),
          },
        }),
    ...(int === undefined
      ? {}
      : {
          intDomain: {
            min: integer(where, int, 'min'),
            max: integer(where, int, 'max'),
            ...domainName(int),
            categorical: field(int, 'isCategorical') === true,
          },
        }),
    ...(float === undefined
      ? {}
      : {
          floatDomain: {
            min: number(where, float, 'min'),
            max: number(where, float, 'max'),
            ...domainName(float),
          },
        }),
    tags: annotation === undefined ? [] : readTags(where, annotation),
    ...(extra === undefined ? {} : { extra }),
  }
}

/** A field under its name in JSON, or in the proto: `intDomain`, `int_domain`. */
function field(of: Fields, name: string): unknown {
  const given = Object.hasOwn(of, name)
    ? of[name]
    : of[name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]
  return given ?? undefined
}

function message(where: string, of: Fields, name: string): Fields | undefined {
  const value = field(of, name)
  if (value !== undefined && !isObject(value)) throw invalid(`${where}.${name}`, 'an object', value)
  return value
}

function text(where: string, of: Fields, name: string): string | undefined {
  const value = field(of, name)
  if (value !== undefined && typeof value !== 'string') throw invalid(`${where}.${name}`, 'a text', value)
  return value
}

function integer(where: string, of: Fields, name: string): number | bigint {
  const value = field(of, name) ?? 0
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  if (typeof value === 'string' && /^-?[0-9]{1,19}$/.test(value)) return exactInteger(BigInt(value))
  throw invalid(`${where}.${name}`, 'a whole number, as a text beyond 2⁵³', value)
}

function number(where: string, of: Fields, name: string): number {
  const value = field(of, name) ?? 0
  if (typeof value === 'number') return value
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
  throw invalid(`${where}.${name}`, 'a finite number', value)
}

function readTags(where: string, annotation: Fields): readonly string[] {
  const tags = field(annotation, 'tag') ?? []
  if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== 'string'))
    throw invalid(`${where}.annotation.tag`, 'a list of texts', tags)
  return tags as readonly string[]
}

/** The properties: a plain object, or one under `value` beside its `@type`. */
function readExtra(where: string, annotation: Fields): JsonObject | undefined {
  const given = field(annotation, 'extraMetadata') ?? []
  if (!Array.isArray(given) || given.length > 1)
    throw invalid(`${where}.annotation.extraMetadata`, 'a list of one object', given)
  if (given.length === 0) return undefined
  const extra: unknown = given[0]
  const inner: unknown = isObject(extra) && Object.hasOwn(extra, '@type') ? (extra['value'] ?? {}) : extra
  if (!isObject(inner)) throw invalid(`${where}.annotation.extraMetadata[0]`, 'an object', inner)
  return jsonCopy(`${where}.annotation.extraMetadata[0]`, inner) as JsonObject
}

/** The text of `.merlin/schema.json`. */
export function schemaToJson(given: Schema): string {
  checkSchema('schemaToJson', given)
  const feature = given.columns.map((column) => {
    const { name, kind, valueCount, intDomain, floatDomain, tags, extra } = featureOf(column)
    return {
      name,
      ...(valueCount && { valueCount: { min: String(valueCount.min), max: String(valueCount.max) } }),
      ...(kind && { type: kind }),
      ...(intDomain && {
        intDomain: {
          ...(intDomain.name !== undefined && { name: intDomain.name }),
          min: String(intDomain.min),
          max: String(intDomain.max),
          isCategorical: intDomain.categorical,
        },
      }),
      ...(floatDomain && { floatDomain }),
      annotation: { tag: tags, extraMetadata: [extra ?? {}] },
    }
  })
  return `${JSON.stringify({ feature }, undefined, 2)}\n`
}

function invalid(where: string, expected: string, received: unknown): EnsuiteError {
  const shown =
    typeof received === 'object' && received !== null
      ? Array.isArray(received)
        ? 'a list'
        : 'an object'
      : received === undefined
        ? 'nothing'
        : JSON.stringify(received).slice(0, 80)
  return new EnsuiteError('SCHEMA_INVALID', `${where} expects ${expected}, received ${shown}.`)
}
