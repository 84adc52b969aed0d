import type { VectorFilter } from '../vector-store/filter.ts'
import { foldFilter } from '../vector-store/filter.ts'
import type { VectorSchema } from '../vector-store/vector-store.ts'

/** The numbers for which a comparison says of all items what it says for one: above `low`, or it, and up to `high`, or below it. */
export interface Span {
  readonly low: number
  readonly high: number
  /** Which of the two ends is in it. */
  readonly closed: 'low' | 'high'
}

/** A mask, and for which numbers of its filter it is the same: a span a comparison, in the order of the filter. */
export interface SpannedMask {
  readonly mask: Uint8Array
  readonly spans: readonly Span[]
}

/** Masks of filters over one state of a catalogue. */
export interface MaskCache {
  /** That of a filter, or of one that differs in the numbers of its comparisons alone and is true of the same items by them: the same object. Throws what `foldFilter` throws. */
  get(filter: VectorFilter): Uint8Array
  clear(): void
}

/**
 * Keeps the masks that were asked for lately. A filter that holds the time, or any number that moves, has another mask only where a value of the catalogue is passed: until then it is found again
 * by the spans of its numbers. Finding costs a look at the masks of filters of the same form.
 */
export function maskCache(
  most: number,
  { schema, make }: { readonly schema: VectorSchema; readonly make: (filter: VectorFilter) => SpannedMask },
): MaskCache {
  /** By the form of the filter, in the order in which they were asked for, as a map keeps them. */
  const kept = new Map<string, SpannedMask[]>()
  let count = 0
  const keep = (form: string, own: SpannedMask): void => {
    const alike = kept.get(form) ?? []
    alike.push(own)
    kept.delete(form)
    kept.set(form, alike)
    if (++count <= most) return
    const [oldest, masks] = kept.entries().next().value!
    masks.shift()
    count--
    if (masks.length === 0) kept.delete(oldest)
  }
  return {
    get: (filter) => {
      const { form, numbers } = formOf(filter, schema)
      const alike = kept.get(form) ?? []
      const at = alike.findIndex(({ spans }) => spans.every((span, of) => isIn(span, numbers[of]!)))
      if (at < 0) {
        const made = make(filter)
        keep(form, made)
        return made.mask
      }
      const [found] = alike.splice(at, 1)
      alike.push(found!)
      kept.delete(form)
      kept.set(form, alike)
      return found!.mask
    },
    clear: () => {
      kept.clear()
      count = 0
    },
  }
}

const isIn = ({ low, high, closed }: Span, number: number): boolean =>
  closed === 'low' ? number >= low && number < high : number > low && number <= high

/** A filter without the numbers that it compares with, and those numbers. */
function formOf(
  filter: VectorFilter,
  schema: VectorSchema,
): { readonly form: string; readonly numbers: readonly number[] } {
  const numbers: number[] = []
  const form = foldFilter<unknown>(filter, schema, {
    all: (parts) => ({ all: parts }),
    any: (parts) => ({ any: parts }),
    not: (part) => ({ not: part }),
    compare: (attribute, by, value) => {
      if (by === 'is') return [attribute, value]
      numbers.push(value as number)
      return [attribute, by, null]
    },
  })
  return { form: JSON.stringify(form), numbers }
}
