import { EnsuiteError } from '../errors.ts'
import type { AttributeValue, VectorSchema } from './vector-store.ts'

/** Which rows: data, as JSON holds it, never text that is evaluated. Texts are equal where their code points are. */
export type VectorFilter =
  | { readonly all: readonly VectorFilter[] }
  | { readonly any: readonly VectorFilter[] }
  | { readonly not: VectorFilter }
  | ({ readonly attribute: string } & Comparison)

export type Comparison =
  | { readonly is: AttributeValue }
  | { readonly in: readonly AttributeValue[] }
  | { readonly above: number }
  | { readonly atLeast: number }
  | { readonly below: number }
  | { readonly atMost: number }

/** How a filter is put together; a dialect of SQL or another store gives what each part becomes. */
export interface FilterParts<Part> {
  /** True where all are; of none it is true. */
  readonly all: (parts: readonly Part[]) => Part
  /** True where one is; of none it is false. */
  readonly any: (parts: readonly Part[]) => Part
  readonly not: (part: Part) => Part
  readonly compare: (attribute: string, by: keyof Orders | 'is', value: AttributeValue) => Part
}

interface Orders {
  readonly above: number
  readonly atLeast: number
  readonly below: number
  readonly atMost: number
}

const DEEPEST = 16
const MOST_PARTS = 1000
const LONGEST_TEXT = 1000
/** Half of a character: in another store it would be another one. */
const HALF = /\p{Surrogate}/u
const orders: readonly string[] = ['above', 'atLeast', 'below', 'atMost']

/**
 * Takes a filter apart and puts it together of `parts`. Throws `OPTION_INVALID` for what is no filter of the schema: attributes that it has not, values of another type,
 * more than 16 levels or 1,000 parts, texts of more than 1,000 characters.
 */
export function foldFilter<Part>(filter: unknown, schema: VectorSchema, parts: FilterParts<Part>): Part {
  let count = 0
  const fold = (node: unknown, depth: number): Part => {
    if (++count > MOST_PARTS) throw refused(`it has more than ${MOST_PARTS} parts`)
    if (depth > DEEPEST) throw refused(`it is more than ${DEEPEST} levels deep`)
    if (typeof node !== 'object' || node === null || Array.isArray(node))
      throw refused(`${said(node)} is no condition`)
    const keys = Object.keys(node)
    const own = node as Readonly<Record<string, unknown>>
    if (keys.length === 1 && (keys[0] === 'all' || keys[0] === 'any')) {
      const list = own[keys[0]]
      if (!Array.isArray(list)) throw refused(`'${keys[0]}' is no list of conditions`)
      return parts[keys[0]](list.map((each) => fold(each, depth + 1)))
    }
    if (keys.length === 1 && keys[0] === 'not') return parts.not(fold(own['not'], depth + 1))
    return comparison(own, keys)
  }
  const comparison = (own: Readonly<Record<string, unknown>>, keys: readonly string[]): Part => {
    const by = keys.find((key) => key !== 'attribute')
    const { attribute } = own
    if (keys.length !== 2 || typeof attribute !== 'string' || by === undefined)
      throw refused(
        `${said(own)} is no condition. One is { all }, { any }, { not }, or an attribute with one of is, in, ${orders.join(', ')}`,
      )
    const type = Object.hasOwn(schema.attributes ?? {}, attribute) ? schema.attributes![attribute] : undefined
    if (type === undefined) {
      const known = Object.keys(schema.attributes ?? {})
      throw refused(
        `there is no attribute ${said(attribute)}; there ${known.length === 0 ? 'are none' : `is ${known.join(', ')}`}`,
      )
    }
    const value = own[by]
    const typed = (each: unknown): AttributeValue => {
      const fits =
        typeof each === (type === 'text' ? 'string' : type) && (type !== 'number' || Number.isFinite(each))
      if (!fits || String(each).length > LONGEST_TEXT || HALF.test(String(each)))
        throw refused(`${attribute} is a ${type}, and is compared with ${said(each)}`)
      return each as AttributeValue
    }
    if (by === 'is') return parts.compare(attribute, 'is', typed(value))
    if (by === 'in') {
      if (!Array.isArray(value)) throw refused(`'in' of ${attribute} is no list`)
      count += value.length
      if (count > MOST_PARTS) throw refused(`it has more than ${MOST_PARTS} parts`)
      return parts.any(value.map((each) => parts.compare(attribute, 'is', typed(each))))
    }
    if (!orders.includes(by))
      throw refused(`there is no comparison '${by.slice(0, 50)}'; there is is, in, ${orders.join(', ')}`)
    if (type !== 'number') throw refused(`${attribute} is a ${type}, and only numbers are ${by} another`)
    return parts.compare(attribute, by as keyof Orders, typed(value))
  }
  return fold(filter, 1)
}

/** Whether the row at a place is one. */
export type RowTest = (row: number) => boolean

/** A filter over columns of values. Throws what `foldFilter` throws. */
export const rowTest = (
  filter: VectorFilter,
  schema: VectorSchema,
  columns: Readonly<Record<string, readonly AttributeValue[]>>,
): RowTest =>
  foldFilter<RowTest>(filter, schema, {
    all: (tests) => (row) => tests.every((test) => test(row)),
    any: (tests) => (row) => tests.some((test) => test(row)),
    not: (test) => (row) => !test(row),
    compare: (attribute, by, value) => {
      const column = columns[attribute]!
      const number = value as number
      if (by === 'above') return (row) => (column[row] as number) > number
      if (by === 'atLeast') return (row) => (column[row] as number) >= number
      if (by === 'below') return (row) => (column[row] as number) < number
      if (by === 'atMost') return (row) => (column[row] as number) <= number
      return (row) => column[row] === value
    },
  })

const signs = { above: '>', atLeast: '>=', below: '<', atMost: '<=', is: '=' } as const

/** A filter as a condition in text: `literal` writes a value, which is all that comes from outside. */
export const conditionText = (
  filter: VectorFilter,
  schema: VectorSchema,
  dialect: {
    readonly equals: '=' | '=='
    readonly literal: (value: AttributeValue) => string
    readonly truth: readonly [string, string]
    /** The column of an attribute. */
    readonly name: (attribute: string) => string
  },
): string =>
  foldFilter<string>(filter, schema, {
    all: (parts) => (parts.length === 0 ? dialect.truth[1] : `(${parts.join(' and ')})`),
    any: (parts) => (parts.length === 0 ? dialect.truth[0] : `(${parts.join(' or ')})`),
    not: (part) => `(not ${part})`,
    compare: (attribute, by, value) =>
      `(${dialect.name(attribute)} ${by === 'is' ? dialect.equals : signs[by]} ${dialect.literal(value)})`,
  })

const refused = (what: string): EnsuiteError =>
  new EnsuiteError('OPTION_INVALID', `This filter cannot be used: ${what}.`)

/** A value in a message; not all that JavaScript passes is JSON. */
function said(value: unknown): string {
  try {
    return ((JSON.stringify(value) as string | undefined) ?? String(value)).slice(0, 100)
  } catch {
    return `a ${typeof value}`
  }
}
