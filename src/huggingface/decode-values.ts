import type { TensorDtype } from '../artifact/index.ts'

/** The types of numbers that weights are kept in: what is read of each, little-endian, as float32. */
const decoders: Partial<Readonly<Record<TensorDtype, (bytes: ArrayBuffer) => Float32Array<ArrayBuffer>>>> = {
  F32: (bytes) => new Float32Array(bytes),
  F64: (bytes) => Float32Array.from(new Float64Array(bytes)),
  F16: (bytes) => Float32Array.from(new Uint16Array(bytes), halfPrecision),
  BF16: (bytes) => new Float32Array(Uint32Array.from(new Uint16Array(bytes), (half) => half << 16).buffer),
}

export const decodedDtypes = Object.keys(decoders) as readonly TensorDtype[]

/** The values of a tensor; `bytes` are its own, and may be used on. Undefined where the type is none of `decodedDtypes`. */
export const decodeValues = (
  dtype: TensorDtype,
  bytes: Uint8Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> | undefined => decoders[dtype]?.(bytes.buffer)

/** The number that 16 bits of IEEE 754 stand for. */
function halfPrecision(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
