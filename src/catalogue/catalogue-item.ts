import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'

/** `texts`: a list, such as the categories of an item. */
export type ItemAttributeType = 'text' | 'number' | 'boolean' | 'texts'
export type ItemAttributeValue = string | number | boolean | readonly string[]

/** What a shop says of an item: plain data. */
export interface CatalogueItem {
  readonly item: string
  /** By the names of the catalogue; what is left out, or null, is not known, and no comparison is true of it. */
  readonly attributes?: Readonly<Record<string, ItemAttributeValue | null>>
  /** Whether it can be had. Default true. */
  readonly available?: boolean
  /** It is recommended from this instant on, and before that one: milliseconds since 1970. Default, and null: always. */
  readonly from?: number | null
  readonly until?: number | null
  /** When it came into the catalogue, in milliseconds since 1970: what exploration goes by. Default, and null: long ago. */
  readonly added?: number | null
}

export const LONGEST_TEXT = 1000
const MOST_TEXTS = 100
const LAST_TIME = 8.64e15

/** Throws `OPTION_INVALID`, or `OPTION_UNKNOWN` for a name that is none, with the place in the list. */
export function checkItem(
  where: string,
  given: unknown,
  attributes: Readonly<Record<string, ItemAttributeType>>,
): CatalogueItem {
  checkOptions(where, given as object, ['item', 'attributes', 'available', 'from', 'until', 'added'])
  const item = given as CatalogueItem
  checkId(`${where}.item`, item.item)
  if (item.available !== undefined && typeof (item.available as unknown) !== 'boolean')
    throw refused(`${where}.available`, 'true or false', item.available)
  for (const name of ['from', 'until', 'added'] as const)
    if (item[name] !== undefined && item[name] !== null)
      checkNumber(`${where}.${name}`, item[name], { min: -LAST_TIME, max: LAST_TIME })
  if (item.attributes !== undefined) {
    checkOptions(`${where}.attributes`, item.attributes, Object.keys(attributes))
    for (const [name, value] of Object.entries(item.attributes))
      checkValue(`${where}.attributes.${name}`, value, attributes[name]!)
  }
  return item
}

/** When an item can be had; null: no end on that side. */
export type ItemTimes = Readonly<Record<'from' | 'until', number | null>>

/** Throws `OPTION_INVALID` for an item that could never be had. */
export function checkTimes(where: string, { from, until }: ItemTimes): void {
  if (from !== null && until !== null && from >= until)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where} expects a from that is before its until, received from ${from} and until ${until}. null takes one of them back.`,
    )
}

/** Half of a character: written to a file or sent, it would be another id. */
const HALF = /\p{Surrogate}/u

/** Throws `OPTION_INVALID` for what is no id. */
export function checkId(where: string, id: unknown): asserts id is string {
  if (typeof id !== 'string' || id.length === 0 || id.length > LONGEST_TEXT)
    throw refused(where, `the id of an item, a text of 1 to ${LONGEST_TEXT} characters`, id)
  if (HALF.test(id)) throw refused(where, 'the id of an item without half characters (lone surrogates)', id)
}

function checkValue(where: string, value: unknown, type: ItemAttributeType): void {
  if (value === null || value === undefined) return
  const isText = (each: unknown): boolean => typeof each === 'string' && each.length <= LONGEST_TEXT
  if (type === 'texts') {
    if (Array.isArray(value) && value.length <= MOST_TEXTS && value.every(isText)) return
    throw refused(where, `a list of at most ${MOST_TEXTS} texts`, value)
  }
  const fits =
    type === 'text' ? isText(value) : type === 'number' ? Number.isFinite(value) : typeof value === 'boolean'
  if (!fits)
    throw refused(
      where,
      type === 'text' ? `a text of at most ${LONGEST_TEXT} characters` : `a ${type}`,
      value,
    )
}

const NAME = /^[A-Za-z][\w. -]{0,63}$/
/** What every item has, and filters may name. */
export const OWN_ATTRIBUTES = ['item', 'added'] as const

/** Throws `OPTION_INVALID` for names and types that no catalogue has. */
export function checkAttributes(
  attributes: unknown,
): asserts attributes is Readonly<Record<string, ItemAttributeType>> {
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes))
    throw refused('catalogue: attributes', 'an object of types by name', attributes)
  const entries = Object.entries(attributes) as readonly (readonly [string, unknown])[]
  if (entries.length > 100)
    throw refused('catalogue: attributes', 'at most 100 attributes', `${entries.length} of them`)
  for (const [name, type] of entries) {
    if (!NAME.test(name) || name === 'constructor' || (OWN_ATTRIBUTES as readonly string[]).includes(name))
      throw refused(
        'catalogue: attributes',
        "names of a letter and up to 63 letters, digits, spaces, '.', '_' and '-', other than item and added",
        name,
      )
    if (type !== 'text' && type !== 'number' && type !== 'boolean' && type !== 'texts')
      throw refused(`catalogue: attributes.${name}`, 'text, number, boolean or texts', type)
  }
}

const refused = (where: string, expected: string, received: unknown): EnsuiteError =>
  new EnsuiteError('OPTION_INVALID', `${where} expects ${expected}, received ${said(received)}.`)

const said = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Array.isArray(value)
      ? `a list of ${value.length}`
      : 'an object'
    : typeof value === 'string'
      ? `'${value.slice(0, 60)}'`
      : String(value)
