import { EnsuiteError } from '../errors.ts'
import { checkGiven, checkOptions, checkTexts, nearestWord } from '../options.ts'
import { type ColumnSchema, columnSchema, type ColumnSchemaInput } from './column-schema.ts'
import { addTags, hasTag } from './tags.ts'

/** The columns of a table, in order, each name once. Frozen; made by `schema`. */
export interface Schema {
  readonly columns: readonly ColumnSchema[]
}

/** Which columns: all that are named, and all that have any of the tags. `item_id` means `item` and `id` together. */
export interface ColumnSelection {
  readonly names?: readonly string[]
  readonly tags?: readonly string[]
}

/**
 * A schema of columns. A column that comes again unchanged, as in published files of Transformers4Rec, counts once.
 *
 * Throws what `columnSchema` throws, and `SCHEMA_INVALID` for two columns of one name that differ.
 */
export function schema(
  columns: readonly ColumnSchemaInput[],
  options: { readonly override?: boolean } = {},
): Schema {
  checkGiven('schema', columns, { what: 'a list of columns', isGood: Array.isArray(columns) })
  const byName = new Map<string, ColumnSchema>()
  for (const given of columns) {
    const column = columnSchema(given, options)
    const before = byName.get(column.name)
    if (before !== undefined && comparable(before) !== comparable(column))
      throw new EnsuiteError(
        'SCHEMA_INVALID',
        `A schema expects each column once, received '${column.name}' twice, and not the same. Rename or remove one.`,
      )
    byName.set(column.name, column)
  }
  return Object.freeze({ columns: Object.freeze([...byName.values()]) })
}

/** Throws `OPTION_INVALID` for what is no schema. */
export function checkSchema(where: string, given: unknown): void {
  const isGood = Array.isArray((Object(given) as Partial<Schema>).columns)
  checkGiven(where, given, {
    what: 'a schema, as schemas.schema, readSchema and inferSchema give it',
    isGood,
  })
}

/** The column called `name`. Throws `COLUMN_MISSING`, naming the nearest one. */
export function columnNamed(given: Schema, name: string): ColumnSchema {
  checkSchema('columnNamed', given)
  const column = given.columns.find((each) => each.name === name)
  if (column !== undefined) return column
  const names = given.columns.map((each) => each.name)
  const nearest = typeof name === 'string' ? nearestWord(name, names) : undefined
  throw new EnsuiteError(
    'COLUMN_MISSING',
    `The schema has no column '${name}'.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`} ${listed(names)}`,
  )
}

/** The columns of a selection, in the order of the schema. Throws `COLUMN_MISSING` for a name that is not there. */
export function select(given: Schema, selection: ColumnSelection): Schema {
  checkSelection('select', given, selection)
  const names = checkedNames(given, selection.names)
  return kept(given, (column) => names.has(column.name) || matches(column, selection.tags))
}

/** All columns but those of a selection. Throws `COLUMN_MISSING` for a name that is not there. */
export function excluding(given: Schema, selection: ColumnSelection): Schema {
  checkSelection('excluding', given, selection)
  const names = checkedNames(given, selection.names)
  return kept(given, (column) => !names.has(column.name) && !matches(column, selection.tags))
}

/** All columns whose names are not among `names`, which need not be there. */
export function without(given: Schema, names: readonly string[]): Schema {
  checkSchema('without', given)
  checkTexts('without: names', names)
  return kept(given, (column) => !names.includes(column.name))
}

/**
 * The columns of both. Of a column in both, what `right` knows replaces what `left` knows; tags are united.
 *
 * Tags of `right` that exclude tags of `left` throw `TAG_COLLISION`; with `override` they replace them.
 */
export function merge(left: Schema, right: Schema, options: { readonly override?: boolean } = {}): Schema {
  checkSchema('merge: left', left)
  checkSchema('merge: right', right)
  const others = new Map(right.columns.map((column) => [column.name, column]))
  const merged = left.columns.map((column) => {
    const other = others.get(column.name)
    others.delete(column.name)
    return other === undefined ? column : mergedColumn(column, other, options)
  })
  return schema([...merged, ...others.values()])
}

function mergedColumn(
  left: ColumnSchema,
  right: ColumnSchema,
  options: { readonly override?: boolean },
): ColumnSchema {
  const { dtype } = right.dtype === 'unknown' ? left : right
  // A range says something of values of its own type only.
  const domain = right.domain ?? (dtype === left.dtype ? left.domain : undefined)
  const shape = right.shape ?? left.shape
  return columnSchema({
    name: left.name,
    dtype,
    tags: addTags(left.tags, right.tags, { where: `Column '${left.name}'`, ...options }),
    properties: { ...left.properties, ...right.properties },
    ...(domain === undefined ? {} : { domain }),
    ...(shape === undefined ? {} : { shape }),
  })
}

/** The first column, of all or of a selection. Throws `COLUMN_MISSING` if there is none. */
export function first(given: Schema, selection?: ColumnSelection): ColumnSchema {
  checkSchema('first', given)
  const column = (selection === undefined ? given : select(given, selection)).columns[0]
  if (column !== undefined) return column
  throw new EnsuiteError(
    'COLUMN_MISSING',
    `A column ${described(selection)} is expected, but the schema has none. ${listed(given.columns.map(({ name }) => name))}`,
  )
}

/** The one column, of all or of a selection. Throws `COLUMN_MISSING` if there is none, `SCHEMA_INVALID` if there are more. */
export function only(given: Schema, selection?: ColumnSelection): ColumnSchema {
  checkSchema('only', given)
  const column = first(given, selection)
  const { columns } = selection === undefined ? given : select(given, selection)
  if (columns.length === 1) return column
  throw new EnsuiteError(
    'SCHEMA_INVALID',
    `One column ${described(selection)} is expected, but the schema has ${columns.length}: ` +
      `${columns.map(({ name }) => name).join(', ')}. Take the tag off all but one, or select by name.`,
  )
}

function checkSelection(where: string, given: unknown, selection: ColumnSelection): void {
  checkSchema(where, given)
  checkOptions(where, selection, ['names', 'tags'])
}

function kept(given: Schema, keep: (column: ColumnSchema) => boolean): Schema {
  return Object.freeze({ columns: Object.freeze(given.columns.filter(keep)) })
}

function matches(column: ColumnSchema, wanted: readonly string[] = []): boolean {
  return wanted.some((tag) => hasTag(column.tags, tag))
}

function checkedNames(given: Schema, names: readonly string[] = []): ReadonlySet<string> {
  for (const name of names) columnNamed(given, name)
  return new Set(names)
}

function described(selection: ColumnSelection = {}): string {
  const { names, tags } = selection
  const parts = [
    ...(names === undefined ? [] : [`called ${names.join(' or ')}`]),
    ...(tags === undefined ? [] : [`with the tag ${tags.join(' or ')}`]),
  ]
  return parts.length === 0 ? 'of any kind' : parts.join(' or ')
}

const listed = (names: readonly string[]): string =>
  names.length === 0
    ? 'It has no columns.'
    : `Columns: ${names.slice(0, 50).join(', ')}${names.length > 50 ? ', …' : ''}.`

/** A column as text that is equal for equal columns, whatever the order of their keys. */
const comparable = (column: ColumnSchema): string =>
  JSON.stringify(column, (_key, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
  })
