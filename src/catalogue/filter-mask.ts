import type { AttributeValue, VectorSchema } from '../vector-store/vector-store.ts'
import { foldFilter, type VectorFilter } from '../vector-store/filter.ts'
import type { Column, NumberColumn } from './columns.ts'
import type { ItemAttributeType } from './catalogue-item.ts'

/** A part of a filter: what writes 1 where it is true, and 0 elsewhere. */
interface Part {
  readonly write: (out: Uint8Array) => void
  /** Of a plain equality: those of one attribute beside each other are answered in one pass. */
  readonly equality?: { readonly attribute: string; readonly values: readonly AttributeValue[] }
}

/** The attributes as the filter language knows them: of a list of texts, `is` is true where one of them is. */
export const filterSchema = (attributes: Readonly<Record<string, ItemAttributeType>>): VectorSchema => ({
  dimensions: 1,
  similarity: 'dot',
  attributes: {
    ...Object.fromEntries(
      Object.entries(attributes).map(([name, type]) => [name, type === 'texts' ? 'text' : type] as const),
    ),
    item: 'text',
    added: 'number',
  },
})

/** Which places a filter is true of: out [size], a pass over a column a condition. Throws what `foldFilter` throws. */
export function filterMask(
  filter: VectorFilter,
  { schema, column }: { readonly schema: VectorSchema; readonly column: (attribute: string) => Column },
): (size: number) => Uint8Array {
  const equality = (attribute: string, values: readonly AttributeValue[]): Part => ({
    equality: { attribute, values },
    write: (out) => {
      column(attribute).equals(values, out)
    },
  })
  const part = foldFilter<Part>(filter, schema, {
    all: (parts) => combined(parts, 1, (one, other) => one & other),
    any: (parts) => combined(merged(parts, equality), 0, (one, other) => one | other),
    not: ({ write }) => ({
      write: (out) => {
        write(out)
        for (let place = 0; place < out.length; place++) out[place]! ^= 1
      },
    }),
    compare: (attribute, by, value) =>
      by === 'is'
        ? equality(attribute, [value])
        : { write: ordered(column(attribute) as NumberColumn, by, value as number) },
  })
  return (size) => {
    const out = new Uint8Array(size)
    part.write(out)
    return out
  }
}

function combined(
  parts: readonly Part[],
  empty: 0 | 1,
  combine: (one: number, other: number) => number,
): Part {
  const [first, ...others] = parts
  if (first === undefined) return { write: (out) => out.fill(empty) }
  if (others.length === 0) return first
  return {
    write: (out) => {
      first.write(out)
      const other = new Uint8Array(out.length)
      for (const { write } of others) {
        write(other)
        for (let place = 0; place < out.length; place++) out[place] = combine(out[place]!, other[place]!)
      }
    },
  }
}

/** Equalities of one attribute as one. */
function merged(
  parts: readonly Part[],
  equality: (attribute: string, values: readonly AttributeValue[]) => Part,
): readonly Part[] {
  const values = new Map<string, AttributeValue[]>()
  for (const { equality: own } of parts)
    if (own !== undefined) values.set(own.attribute, [...(values.get(own.attribute) ?? []), ...own.values])
  return [
    ...parts.filter((each) => each.equality === undefined),
    ...[...values].map(([attribute, all]) => equality(attribute, all)),
  ]
}

function ordered(
  column: NumberColumn,
  by: 'above' | 'atLeast' | 'below' | 'atMost',
  bound: number,
): (out: Uint8Array) => void {
  return (out) => {
    const data = column.numbers()
    if (by === 'above') for (let at = 0; at < out.length; at++) out[at] = +(data[at]! > bound)
    else if (by === 'atLeast') for (let at = 0; at < out.length; at++) out[at] = +(data[at]! >= bound)
    else if (by === 'below') for (let at = 0; at < out.length; at++) out[at] = +(data[at]! < bound)
    else for (let at = 0; at < out.length; at++) out[at] = +(data[at]! <= bound)
  }
}
