import { EnsuiteError } from '../errors.ts'
import { isRecord, parseJson } from './json-checks.ts'

export interface NamedTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** Named float32 tensors and texts, as a safetensors file holds them. */
export interface TensorFile {
  readonly tensors: Readonly<Record<string, NamedTensor>>
  readonly metadata: Readonly<Record<string, string>>
}

const HEADER_LIMIT = 100 * 1024 * 1024
const METADATA = '__metadata__'

/**
 * The bytes of a safetensors file: header length, JSON header, little-endian values (the order of every machine that runs this package).
 * Throws `SHAPE_MISMATCH` where values do not fill their shape.
 */
export function encodeSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  const entries = Object.entries(tensors)
  let size = 0
  const described = entries.map(([name, { shape, data }]) => {
    if (name === METADATA || sizeOf(shape) !== data.length) {
      throw new EnsuiteError(
        'SHAPE_MISMATCH',
        `Tensor '${name}' of shape [${shape.join(', ')}] expects ${sizeOf(shape)} values, received ${data.length}; '${METADATA}' is no name for a tensor.`,
      )
    }
    const from = size
    size += data.byteLength
    return [name, { dtype: 'F32', shape, data_offsets: [from, size] }] as const
  })
  const header: Readonly<Record<string, unknown>> = Object.fromEntries<unknown>([
    [METADATA, metadata] as const,
    ...described,
  ])
  const text = new TextEncoder().encode(JSON.stringify(header))
  const start = 8 + Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(start + size)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true)
  bytes.fill(0x20, 8, start) // the format pads its header with spaces
  bytes.set(text, 8)
  let at = start
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return bytes
}

/**
 * Reads a safetensors file of float32 tensors, each into memory of its own. Every size is checked before memory is touched, and the
 * tensors must fill the file without holes or overlaps, as the format demands. Throws `ARTIFACT_INVALID`; `where` names the file.
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): TensorFile {
  const broken = (why: string): EnsuiteError =>
    new EnsuiteError(
      'ARTIFACT_INVALID',
      `${where} is not a whole safetensors file: ${why}. Restore it from where it was saved, or train again.`,
    )
  if (bytes.length < 8) throw broken(`it has ${bytes.length} bytes`)
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true)
  if (length > BigInt(Math.min(HEADER_LIMIT, bytes.length - 8)))
    throw broken(`its header would have ${length} bytes`)
  const start = 8 + Number(length)
  const header = parseJson(bytes.subarray(8, start))
  if (!isRecord(header)) throw broken('its header is not a JSON object')

  const { [METADATA]: metadata = {}, ...rest } = header
  if (!isTexts(metadata)) throw broken(`its ${METADATA} is not an object of texts`)
  const placed = Object.entries(rest).map(([name, value]) => {
    const tensor = describedTensor(value)
    if (tensor === undefined) throw broken(`tensor '${name}' is not described as float32 values`)
    return { name, ...tensor }
  })
  let end = 0
  for (const { name, from, to } of placed.toSorted(
    (left, right) => left.from - right.from || left.to - right.to,
  )) {
    if (from !== end)
      throw broken(`tensor '${name}' should begin at byte ${end} of the values and begins at ${from}`)
    end = to
  }
  if (start + end !== bytes.length)
    throw broken(`it should have ${start + end} bytes and has ${bytes.length}`)
  const tensors = placed.map(({ name, shape, from, to }) => {
    // A copy of its own: `slice` of a Node Buffer would share the whole file.
    const data = new Float32Array(new Uint8Array(bytes.subarray(start + from, start + to)).buffer)
    return [name, { shape, data }] as const
  })
  return { tensors: Object.fromEntries(tensors), metadata }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((all, dim) => all * dim, 1)

function describedTensor(
  value: unknown,
): { readonly shape: readonly number[]; readonly from: number; readonly to: number } | undefined {
  if (!isRecord(value) || value['dtype'] !== 'F32') return undefined
  const { shape, data_offsets: offsets } = value
  if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) return undefined
  const [from, to] = offsets as readonly [number, number]
  return to - from === 4 * sizeOf(shape) ? { shape, from, to } : undefined
}

const isSizes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && (each as number) >= 0)

const isTexts = (value: unknown): value is Readonly<Record<string, string>> =>
  isRecord(value) && Object.values(value).every((each) => typeof each === 'string')
