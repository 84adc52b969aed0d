import { RESERVED } from '../codes.ts'
import { EXAMPLES, type LeakageInput } from './leakage-input.ts'

/** The first code that stands for one item alone: buckets hold what the vocabulary does not know. */
export function firstItem(fitted: LeakageInput['fitted']): number {
  const item = fitted?.definition.item
  if (item === undefined) return RESERVED
  return RESERVED + ((fitted!.definition.features[item]!.options['buckets'] ?? 0) as number)
}

/** Some of these items by their ids; by their codes where no vocabulary is there, or a code stands for several. */
export function itemNames({ fitted }: LeakageInput, codes: Iterable<number>): readonly string[] {
  const some = [...codes].slice(0, EXAMPLES)
  const item = fitted?.definition.item
  const values = item === undefined ? undefined : fitted!.vocabulary?.(item).values
  const first = firstItem(fitted)
  return some.map((code) => values?.[code - first]?.slice(0, MOST_LETTERS) ?? `code ${code}`)
}

/** Of an id that is shown. */
const MOST_LETTERS = 100
