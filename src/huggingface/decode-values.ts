import type { TensorDtype } from '../artifact/index.ts'

/** The types of numbers that weights are kept in: what is read of each, little-endian, as float32. */
const decoders: Partial<Readonly<Record<TensorDtype, (bytes: ArrayBuffer) => Float32Array<ArrayBuffer>>>> = {
  F32: (bytes) => new Float32Array(bytes),
  F64: (bytes) => new Float32Array(new Float64Array(bytes)),
  F16: halfPrecision,
  BF16: upperHalves,
}

export const decodedDtypes = Object.keys(decoders) as readonly TensorDtype[]

/** The values of a tensor; `bytes` are its own, and may be used on. Undefined where the type is none of `decodedDtypes`. */
export const decodeValues = (
  dtype: TensorDtype,
  bytes: Uint8Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> | undefined => decoders[dtype]?.(bytes.buffer)

const SIGN = 0x8000
const EXPONENT = 0x7c00
const FRACTION = 0x3ff
/** The difference of the exponents' biases, 127 − 15, where the exponent of 16 bits stands. */
const BIAS = 112 << 10

/** IEEE 754 of 16 bits. A loop over bits: checkpoints have a hundred million numbers. */
function halfPrecision(bytes: ArrayBuffer): Float32Array<ArrayBuffer> {
  const halves = new Uint16Array(bytes)
  const bits = new Uint32Array(halves.length)
  const values = new Float32Array(bits.buffer)
  for (let at = 0; at < halves.length; at++) {
    const half = halves[at]!
    const exponent = half & EXPONENT
    const fraction = half & FRACTION
    if (exponent === 0) values[at] = (half & SIGN ? -1 : 1) * fraction * 2 ** -24
    else {
      const wide = exponent === EXPONENT ? 0x7f80_0000 : (exponent + BIAS) << 13
      bits[at] = ((half & SIGN) << 16) | wide | (fraction << 13)
    }
  }
  return values
}

/** bfloat16: the upper half of a float32. */
function upperHalves(bytes: ArrayBuffer): Float32Array<ArrayBuffer> {
  const halves = new Uint16Array(bytes)
  const bits = new Uint32Array(halves.length)
  for (let at = 0; at < halves.length; at++) bits[at] = halves[at]! << 16
  return new Float32Array(bits.buffer)
}
