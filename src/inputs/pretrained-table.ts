import { EnsuiteError } from '../errors.ts'

/** Raw values and their codes, as `fitted.vocabulary(feature)` gives them. */
interface Codes {
  readonly size: number
  encode(raw: string): number
  readonly values: readonly string[]
}

/**
 * A table of vectors for a vocabulary: row of a code = the vector of its raw value, zero for reserved codes and values without one → [size * width].
 * Throws `SHAPE_MISMATCH` for vectors of different lengths, `OPTION_INVALID` if no value of the vocabulary has one or a number is not finite.
 */
export function pretrainedTable(
  vocabulary: Codes,
  vectors: ReadonlyMap<string, ArrayLike<number>>,
): { readonly values: Float32Array; readonly width: number; readonly found: number } {
  if (!((vectors as unknown) instanceof Map))
    throw new EnsuiteError('OPTION_INVALID', 'pretrainedTable: vectors is a Map from raw value to vector.')
  const known = vocabulary.values.filter((value) => vectors.has(value))
  const width = vectors.get(known[0] ?? '')?.length ?? 0
  if (width === 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `pretrainedTable: none of ${vectors.size} vectors is of a value of the vocabulary. Give them by raw value, such as '${vocabulary.values[0] ?? ''}'.`,
    )
  const values = new Float32Array(vocabulary.size * width)
  for (const value of known) {
    const vector = vectors.get(value)!
    if (vector.length !== width)
      throw new EnsuiteError(
        'SHAPE_MISMATCH',
        `pretrainedTable: the vector of '${value}' has ${vector.length} numbers, that of '${known[0]!}' ${width}.`,
      )
    const row = Float32Array.from(vector)
    if (!row.every(Number.isFinite))
      throw new EnsuiteError(
        'OPTION_INVALID',
        `pretrainedTable: the vector of '${value}' has a value that is no finite number.`,
      )
    values.set(row, vocabulary.encode(value) * width)
  }
  return { values, width, found: known.length }
}
