/** What a value of a column is. Those of Merlin, but for its `object`, `struct` and units of `datetime64`. */
export const dtypes = [
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'float16',
  'float32',
  'float64',
  'string',
  'bool',
  'datetime',
  'unknown',
] as const

export type Dtype = (typeof dtypes)[number]

/** `tensorflow-metadata`'s type of a feature. */
export type FeatureKind = 'INT' | 'FLOAT' | 'BYTES'

/** The feature's type for a dtype; undefined where a schema file has none, as for truth values. */
export function featureKind(dtype: Dtype): FeatureKind | undefined {
  if (isInteger(dtype)) return 'INT'
  if (isFloat(dtype)) return 'FLOAT'
  return dtype === 'string' ? 'BYTES' : undefined
}

export const isInteger = (dtype: Dtype): boolean => /^u?int/.test(dtype)
export const isFloat = (dtype: Dtype): boolean => dtype.startsWith('float')
export const isNumber = (dtype: Dtype): boolean => isInteger(dtype) || isFloat(dtype)

/** Bits of an element; undefined where its size is not told. */
export function elementBits(dtype: Dtype): number | undefined {
  if (dtype === 'datetime') return 64
  const digits = /\d+$/.exec(dtype)?.[0]
  return digits === undefined ? undefined : Number(digits)
}

/** The dtype that Merlin reads: a feature's type and the bits of its elements, 64 where they are not told. */
export function dtypeOf(kind: FeatureKind | undefined, bits: number | undefined): Dtype {
  if (kind === undefined) return 'unknown'
  if (kind === 'BYTES') return 'string'
  const family = kind === 'INT' ? 'int' : 'float'
  const named = dtypes.find((dtype) => dtype === `${family}${bits ?? 64}`)
  return named ?? (kind === 'INT' ? 'int64' : 'float64')
}
