import type { EnsuiteError } from '../errors.ts'
import { columnOf, type Feature, featureOf } from './feature.ts'
import type { FeatureKind } from './dtype.ts'
import { checkGiven } from '../options.ts'
import type { JsonObject, JsonValue } from './json-value.ts'
import { failureIn, parseProtoText, type TextMessage } from './proto-text.ts'
import { stringLiteral } from './proto-text-string.ts'
import { checkSchema, schema, type Schema } from './schema.ts'
import { structBytes, structOf } from './struct-wire.ts'
import { type TextFields, textFields } from './text-fields.ts'

const STRUCT = 'type.googleapis.com/google.protobuf.Struct'
const kinds: Readonly<Record<string, FeatureKind | undefined>> = {
  INT: 'INT',
  FLOAT: 'FLOAT',
  BYTES: 'BYTES',
  '1': 'BYTES',
  '2': 'INT',
  '3': 'FLOAT',
}
const untyped = ['TYPE_UNKNOWN', 'STRUCT', '0', '4']

/** What of a parsed file the parts below need. */
interface Source {
  readonly fields: TextFields
  readonly fail: (at: number, message: string) => EnsuiteError
}

/**
 * A schema from the text of `schema.pbtxt`; `where` names it in errors. Fields that Merlin does not use are skipped.
 *
 * Throws `SCHEMA_INVALID`, `OPTION_INVALID` for what is no text, and `TAG_COLLISION` unless `override`.
 */
export function schemaFromText(
  text: string,
  options: { readonly where?: string; readonly override?: boolean } = {},
): Schema {
  const { where = 'schema.pbtxt', ...rest } = options
  checkGiven('schemaFromText', text, { what: 'the text of a schema', isGood: typeof text === 'string' })
  const fail = failureIn(where, text)
  const source = { fields: textFields(fail), fail }
  const features = source.fields.messages(parseProtoText(where, text), 'feature')
  return schema(features.map((feature) => columnOf(readFeature(source, feature), rest)))
}

function readFeature(source: Source, feature: TextMessage): Feature {
  const { message, text, texts, integer, float, truth } = source.fields
  const name = text(feature, 'name')
  if (name === undefined || name === '') throw source.fail(feature.at, "a feature expects a 'name'")
  const kind = readKind(source, feature)
  const counts = message(feature, 'value_count')
  const int = message(feature, 'int_domain')
  const float32 = message(feature, 'float_domain')
  const annotation = message(feature, 'annotation')
  const extra = annotation === undefined ? undefined : readExtra(source, annotation)
  const domainName = (of: TextMessage): { readonly name?: string } => {
    const value = text(of, 'name')
    return value === undefined ? {} : { name: value }
  }
  return {
    name,
    ...(kind === undefined ? {} : { kind }),
    ...(counts === undefined
      ? {}
      : {
          valueCount: { min: Number(integer(counts, 'min') ?? 0), max: Number(integer(counts, 'max') ?? 0) },
        }),
    ...(int === undefined
      ? {}
      : {
          intDomain: {
            min: integer(int, 'min') ?? 0,
            max: integer(int, 'max') ?? 0,
            ...domainName(int),
            categorical: truth(int, 'is_categorical') ?? false,
          },
        }),
    // The field has 32 bits, but its text has the digits that were meant: 0.1 is read as 0.1.
    ...(float32 === undefined
      ? {}
      : {
          floatDomain: {
            min: float(float32, 'min') ?? 0,
            max: float(float32, 'max') ?? 0,
            ...domainName(float32),
          },
        }),
    tags: annotation === undefined ? [] : texts(annotation, 'tag'),
    ...(extra === undefined ? {} : { extra }),
  }
}

function readKind({ fields, fail }: Source, feature: TextMessage): FeatureKind | undefined {
  const type = fields.word(feature, 'type')
  if (type === undefined || untyped.includes(type.word)) return undefined
  const kind = Object.hasOwn(kinds, type.word) ? kinds[type.word] : undefined
  if (kind !== undefined) return kind
  throw fail(type.at, `'type' expects INT, FLOAT, BYTES, STRUCT or TYPE_UNKNOWN, received '${type.word}'`)
}

/** The properties: an `Any` with the bytes of a Struct, or the same written out under the type's name. */
function readExtra({ fields, fail }: Source, annotation: TextMessage): JsonObject | undefined {
  const [extra, second] = fields.messages(annotation, 'extra_metadata')
  if (second !== undefined) throw fail(second.at, "'extra_metadata' is expected once")
  if (extra === undefined) return undefined
  const expanded = fields.message(extra, `[${STRUCT}]`)
  if (expanded !== undefined) return structFromText(fields, expanded)
  const type = fields.text(extra, 'type_url') ?? STRUCT
  if (!type.endsWith('/google.protobuf.Struct'))
    throw fail(extra.at, `'extra_metadata' expects a ${STRUCT}, received '${type.slice(0, 80)}'`)
  return structOf("'extra_metadata'", fields.bytes(extra, 'value') ?? new Uint8Array())
}

function structFromText(fields: TextFields, struct: TextMessage): JsonObject {
  return Object.fromEntries(
    fields.messages(struct, 'fields').map((entry) => {
      const value = fields.message(entry, 'value')
      return [fields.text(entry, 'key') ?? '', value === undefined ? null : valueFromText(fields, value)]
    }),
  )
}

function valueFromText(fields: TextFields, value: TextMessage): JsonValue {
  const struct = fields.message(value, 'struct_value')
  if (struct !== undefined) return structFromText(fields, struct)
  const list = fields.message(value, 'list_value')
  if (list !== undefined) return fields.messages(list, 'values').map((each) => valueFromText(fields, each))
  return (
    fields.float(value, 'number_value') ??
    fields.text(value, 'string_value') ??
    fields.truth(value, 'bool_value') ??
    null
  )
}

/** The text of `schema.pbtxt`, laid out as Merlin's. */
export function schemaToText(given: Schema): string {
  checkSchema('schemaToText', given)
  return given.columns.map((column) => block('feature', featureLines(featureOf(column)))).join('')
}

function featureLines(feature: Feature): readonly string[] {
  const { name, kind, valueCount, intDomain, floatDomain, tags, extra } = feature
  const domain = intDomain ?? floatDomain
  const domainLines = (categorical: boolean | undefined): readonly string[] => [
    ...(domain!.name === undefined ? [] : [`name: ${stringLiteral(domain!.name)}`]),
    `min: ${domain!.min}`,
    `max: ${domain!.max}`,
    ...(categorical === true ? ['is_categorical: true'] : []),
  ]
  return [
    `name: ${stringLiteral(name)}`,
    ...(valueCount === undefined
      ? []
      : nested('value_count', [
          ...(valueCount.min > 0 ? [`min: ${valueCount.min}`] : []),
          ...(valueCount.max > 0 ? [`max: ${valueCount.max}`] : []),
        ])),
    ...(kind === undefined ? [] : [`type: ${kind}`]),
    ...(intDomain === undefined ? [] : nested('int_domain', domainLines(intDomain.categorical))),
    ...(floatDomain === undefined ? [] : nested('float_domain', domainLines(undefined))),
    ...nested('annotation', [
      ...tags.map((tag) => `tag: ${stringLiteral(tag)}`),
      ...nested('extra_metadata', [
        `type_url: ${stringLiteral(STRUCT)}`,
        `value: ${stringLiteral(structBytes(extra ?? {}))}`,
      ]),
    ]),
  ]
}

function nested(name: string, lines: readonly string[]): readonly string[] {
  return [`${name} {`, ...lines.map((line) => `  ${line}`), '}']
}

function block(name: string, lines: readonly string[]): string {
  return `${nested(name, lines).join('\n')}\n`
}
