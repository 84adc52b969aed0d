import { EnsuiteError } from '../errors.ts'

/** Named float32 tensors and texts, as a safetensors file holds them. */
export interface TensorFile {
  readonly tensors: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>>
  readonly metadata: Readonly<Record<string, string>>
}

const HEADER_LIMIT = 100 * 1024 * 1024

/** The bytes of a safetensors file: header length, JSON header, little-endian values. */
export function encodeSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let offset = 0
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const start = 8 + Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(start + offset)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true)
  bytes.fill(0x20, 8, start) // the format pads its header with spaces
  bytes.set(text, 8)
  let at = start
  for (const { data } of Object.values(tensors)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}

/** Reads a safetensors file of float32 tensors. Every size is checked before memory is touched; throws `ARTIFACT_INVALID`. */
export function decodeSafetensors(bytes: Uint8Array, where: string): TensorFile {
  const broken = (why: string): EnsuiteError => new EnsuiteError('ARTIFACT_INVALID', `${where} is not a whole safetensors file: ${why}. Restore it from where it was saved, or train again.`)
  if (bytes.length < 8) throw broken(`it has ${bytes.length} bytes`)
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  if (length > BigInt(Math.min(HEADER_LIMIT, bytes.length - 8))) throw broken(`its header would have ${length} bytes`)
  const start = 8 + Number(length)
  const header = parseObject(new TextDecoder().decode(bytes.subarray(8, start)))
  if (header === undefined) throw broken('its header is not a JSON object')
  const tensors: Record<string, { shape: readonly number[]; data: Float32Array }> = {}
  let metadata: Record<string, string> = {}
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = value as Record<string, string>
      continue
    }
    const { dtype, shape, data_offsets: offsets } = value as { dtype?: unknown; shape?: unknown; data_offsets?: unknown }
    if (dtype !== 'F32' || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) throw broken(`tensor '${name}' is not described as float32 values`)
    const [from, to] = offsets as [number, number]
    const count = shape.reduce((all, dim) => all * dim, 1)
    if (to - from !== 4 * count || start + to > bytes.length) throw broken(`tensor '${name}' of shape [${shape.join(', ')}] does not lie at bytes ${from} to ${to}`)
    tensors[name] = { shape, data: new Float32Array(bytes.slice(start + from, start + to).buffer) }
  }
  return { tensors, metadata }
}

const isSizes = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0)

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
