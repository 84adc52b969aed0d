import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EnsuiteError } from '../errors.ts'
import { decodeSafetensors, encodeSafetensors, type TensorFile } from './safetensors.ts'

const file: TensorFile = {
  tensors: {
    'h.0.weight': { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 4, 5, 6) },
    bias: { shape: [1], data: Float32Array.of(0.25) },
    empty: { shape: [0, 4], data: new Float32Array(0) },
    __proto__x: { shape: [], data: Float32Array.of(7) },
  },
  metadata: { progress: '{"epoch": 3}' },
}

/** The bytes of a file with this header. */
function withHeader(header: string, values = 0): Uint8Array {
  const text = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + text.length + values)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}

test('what was written is read', () => {
  expect(decodeSafetensors(encodeSafetensors(file), 'f')).toEqual(file)
})

test('any names and sizes survive, __proto__ too', () => {
  const tensor = fc
    .array(fc.float({ noNaN: true }), { maxLength: 8 })
    .map((values) => ({ shape: [values.length], data: Float32Array.from(values) }))
  const tensors = fc.dictionary(
    fc
      .oneof(fc.constant('__proto__'), fc.constant('7'), fc.string())
      .filter((name) => name !== '__metadata__'),
    tensor,
  )
  fc.assert(
    fc.property(tensors, fc.dictionary(fc.string(), fc.string()), (made, metadata) => {
      const read = decodeSafetensors(encodeSafetensors({ tensors: made, metadata }), 'f')
      expect(Object.entries(read.tensors)).toEqual(Object.entries(made))
      expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata))
    }),
  )
})

test('the bytes are those of the format: length, padded header, little-endian values', () => {
  const bytes = encodeSafetensors({ tensors: { a: { shape: [1], data: Float32Array.of(1) } }, metadata: {} })
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  expect(length % 8).toBe(0)
  const header = new TextDecoder().decode(bytes.subarray(8, 8 + length))
  expect(JSON.parse(header)).toEqual({
    __metadata__: {},
    a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
  })
  expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f])
})

const at = (from: number, to: number, shape = '[1]'): string =>
  `{"dtype":"F32","shape":${shape},"data_offsets":[${from},${to}]}`

test.each<[string, Uint8Array, RegExp]>([
  ['nothing', new Uint8Array(0), /0 bytes/],
  ['a header longer than the file', withHeader('{}').subarray(0, 9), /header would have 2 bytes/],
  ['a header of 2⁶⁴ − 1 bytes', new Uint8Array(32).fill(255), /header would have 18446744073709551615 bytes/],
  ['no JSON', withHeader('{"a":'), /not a JSON object/],
  ['a list', withHeader('[]'), /not a JSON object/],
  ['no UTF-8', withHeader('{"\u0000"}').fill(0xff, 9, 10), /not a JSON object/],
  ['null for a tensor', withHeader('{"a":null}'), /tensor 'a' is not described/],
  ['another dtype', withHeader('{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}', 8), /float32/],
  ['a negative size', withHeader(`{"a":${at(0, 4, '[-1]')}}`, 4), /float32/],
  [
    'a size that overflows',
    withHeader(`{"a":${at(0, 4, '[9007199254740991,9007199254740991]')}}`, 4),
    /float32/,
  ],
  ['a shape of other size', withHeader(`{"a":${at(0, 4, '[2]')}}`, 4), /float32/],
  ['metadata that is no object', withHeader('{"__metadata__":3}'), /object of texts/],
  ['metadata that is no text', withHeader('{"__metadata__":{"a":3}}'), /object of texts/],
  ['a hole', withHeader(`{"a":${at(4, 8)}}`, 8), /should begin at byte 0/],
  ['an overlap', withHeader(`{"a":${at(0, 8, '[2]')},"b":${at(4, 8)}}`, 8), /should begin at byte 8/],
  ['values missing', withHeader(`{"a":${at(0, 4)}}`, 3), /should have/],
  ['values left over', withHeader(`{"a":${at(0, 4)}}`, 5), /should have/],
])('%s is refused', (_, bytes, message) => {
  const decode = (): unknown => decodeSafetensors(bytes, 'weights.safetensors')
  expect(decode).toThrow(message)
  expect(decode).toThrow(expect.objectContaining({ code: 'ARTIFACT_INVALID' }) as Error)
})

test('values that do not fill the shape are not written', () => {
  const wrong = { tensors: { a: { shape: [3], data: new Float32Array(2) } }, metadata: {} }
  expect(() => encodeSafetensors(wrong)).toThrow(/expects 3 values, received 2/)
})

test('no change of bytes makes it fail with anything but a coded error', () => {
  const whole = encodeSafetensors(file)
  const change = fc.record({ place: fc.nat(whole.length - 1), value: fc.integer({ min: 0, max: 255 }) })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 4 }), fc.nat(whole.length), (changes, length) => {
      const bytes = whole.slice(0, length)
      for (const { place, value } of changes) if (place < length) bytes[place] = value
      codedOnly(() => decodeSafetensors(bytes, 'f'))
    }),
    { numRuns: 2000 },
  )
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(64), (json, values) => {
      codedOnly(() => decodeSafetensors(withHeader(JSON.stringify(json), values), 'f'))
      codedOnly(() => decodeSafetensors(withHeader(JSON.stringify({ a: json }), values), 'f'))
    }),
  )
})

function codedOnly(run: () => unknown): void {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(EnsuiteError)
  }
}
