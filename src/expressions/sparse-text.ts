const ENTRY = String.raw`(?:0|[1-9][0-9]{0,8}):-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?`

/** How a sparse vector is spelled: `index:weight` with spaces between, such as '0:0.6 7:0.8'; an empty text is the vector of zeros. */
export const sparsePattern = `^(?:${ENTRY}(?: ${ENTRY})*)?$`

const PATTERN = new RegExp(sparsePattern)

/** The weights by index, in the order of the text. */
export type SparseVector = readonly (readonly [index: number, weight: number])[]

/** The vector that a text spells, null for any other text and for weights that are too large. */
export function sparseOf(text: string): SparseVector | null {
  if (!PATTERN.test(text)) return null
  if (text === '') return []
  const vector = text.split(' ').map((entry) => entry.split(':').map(Number) as [number, number])
  return vector.every(([, weight]) => Number.isFinite(weight)) ? vector : null
}

export const sparseText = (vector: SparseVector): string =>
  vector.map(([index, weight]) => `${index}:${weight}`).join(' ')
