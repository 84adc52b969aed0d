import type { ColumnStatistics } from '../events/index.ts'

const SEPARATORS = ['|', ';', ','] as const

/** Different texts with a separator that it takes to tell. */
const MIN_TEXTS = 10
/** Of the different texts, those with the separator at least, and those of one number of parts at most. */
const [MIN_SHARE, MOST_ALIKE] = [0.2, 0.9]

/** What stands between the values of texts that hold several, such as 'Action|Comedy', and how many values a text has at most; undefined where they hold one. */
export function severalValuesOf(
  sample: ColumnStatistics['sample'],
): { readonly separator: string; readonly most: number } | undefined {
  const texts = [...new Set(sample)].filter((text) => text !== null)
  for (const separator of SEPARATORS) {
    const divided = texts.filter((text) => text.includes(separator))
    if (divided.length < MIN_TEXTS || divided.length < MIN_SHARE * texts.length) continue
    const lengths = new Map<number, number>()
    for (const text of texts) {
      const { length } = text.split(separator)
      lengths.set(length, (lengths.get(length) ?? 0) + 1)
    }
    const parts = divided.flatMap((text) => text.split(separator).map((part) => part.trim()))
    // Colour and size have always two parts; a sentence has others each time.
    if (Math.max(...lengths.values()) > MOST_ALIKE * texts.length) continue
    if (new Set(parts).size <= parts.length / 3) return { separator, most: Math.max(...lengths.keys()) }
  }
  return undefined
}
