import type { AttributeValue, VectorSchema } from '../vector-store/vector-store.ts'
import { foldFilter, type VectorFilter } from '../vector-store/filter.ts'
import type { Column, NumberColumn } from './columns.ts'
import type { ItemAttributeType } from './catalogue-item.ts'
import type { Span, SpannedMask } from './mask-cache.ts'

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

/** Which places a filter is true of: mask [size], a pass over a column a condition; and for which numbers it is. Throws what `foldFilter` throws. */
export function filterMask(
  filter: VectorFilter,
  { schema, column }: { readonly schema: VectorSchema; readonly column: (attribute: string) => Column },
): (size: number) => SpannedMask {
  /** One a comparison, in the order of the filter. */
  let spans: Span[] = []
  let comparisons = 0
  const compared = (attribute: string, by: Order, bound: number): Part => {
    const at = comparisons++
    return {
      write: (out) => {
        spans[at] = ordered(column(attribute) as NumberColumn, { by, bound, out })
      },
    }
  }
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
      by === 'is' ? equality(attribute, [value]) : compared(attribute, by, value as number),
  })
  return (size) => {
    const mask = new Uint8Array(size)
    spans = Array.from({ length: comparisons }, () => ANY)
    part.write(mask)
    return { mask, spans }
  }
}

/** Of a comparison that no item was asked: what the others say holds whatever its number. */
const ANY: Span = { low: -Infinity, high: Infinity, closed: 'low' }

/** All of the parts, or any, where `empty` is what it is of none: until the others can change nothing. */
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
        if (!out.includes(empty)) return
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
  for (const { equality: own } of parts) {
    if (own === undefined) continue
    const known = values.get(own.attribute)
    if (known === undefined) values.set(own.attribute, [...own.values])
    else known.push(...own.values)
  }
  return [
    ...parts.filter((each) => each.equality === undefined),
    ...[...values].map(([attribute, all]) => equality(attribute, all)),
  ]
}

type Order = 'above' | 'atLeast' | 'below' | 'atMost'

/** Writes which numbers of a column are on one side of a bound, and gives the bounds for which they are the same: from the nearest number on one side of it to that on the other. */
function ordered(
  column: NumberColumn,
  { by, bound, out }: { readonly by: Order; readonly bound: number; readonly out: Uint8Array },
): Span {
  const data = column.numbers()
  let [low, high] = [-Infinity, Infinity]
  // `below` is what `atLeast` is not, but for what is not known, of which neither is true.
  const isWithBound = by === 'atLeast' || by === 'below'
  const [above, under] = by === 'above' || by === 'atLeast' ? [1, 0] : [0, 1]
  for (let at = 0; at < out.length; at++) {
    const value = data[at]!
    if (isWithBound ? value >= bound : value > bound) {
      out[at] = above
      if (value < high) high = value
    } else if (isWithBound ? value < bound : value <= bound) {
      out[at] = under
      if (value > low) low = value
    } else out[at] = 0
  }
  return { low, high, closed: isWithBound ? 'high' : 'low' }
}
