import { EnsuiteError } from '../errors.ts'
import { isRecord, parseJson } from './json-checks.ts'

/** What a tensor's values may be in memory. */
export type TensorValues = Float32Array | Float64Array | Int32Array

export interface NamedTensor<Values extends TensorValues = Float32Array> {
  readonly shape: readonly number[]
  readonly data: Values
}

/** Named tensors, of float32 unless said, and texts, as a safetensors file holds them. */
export interface TensorFile<Values extends TensorValues = Float32Array> {
  readonly tensors: Readonly<Record<string, NamedTensor<Values>>>
  readonly metadata: Readonly<Record<string, string>>
}

const HEADER_LIMIT = 100 * 1024 * 1024
const METADATA = '__metadata__'

/**
 * The bytes of a safetensors file: header length, JSON header, little-endian values (the order of every machine that runs this package).
 * Throws `SHAPE_MISMATCH` where values do not fill their shape.
 */
export function encodeSafetensors({ tensors, metadata }: TensorFile<TensorValues>): Uint8Array {
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
    return [name, { dtype: dtypeOf(data), shape, data_offsets: [from, size] }] as const
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

const dtypeOf = (data: TensorValues): TensorDtype =>
  data instanceof Float32Array ? 'F32' : data instanceof Float64Array ? 'F64' : 'I32'

/** Bytes a value of each of the format's types. */
const valueBytes = {
  ...{ F64: 8, F32: 4, F16: 2, BF16: 2, F8_E4M3: 1, F8_E5M2: 1 },
  ...{ I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1 },
} as const

export type TensorDtype = keyof typeof valueBytes

/** Where the values of a tensor are: bytes from the start of the file. */
export interface PlacedTensor {
  readonly dtype: TensorDtype
  readonly shape: readonly number[]
  readonly from: number
  readonly to: number
}

/** What a safetensors file says of itself. */
export interface TensorTable {
  /** In the order of the header. */
  readonly tensors: ReadonlyMap<string, PlacedTensor>
  readonly metadata: Readonly<Record<string, string>>
}

type Broken = (why: string) => EnsuiteError

/** How many bytes of a file of `size` bytes its first eight say that the header has. Throws what `broken` makes. */
export function headerBytes(start: Uint8Array, size: number, broken: Broken): number {
  if (start.length < 8) throw broken(`it has ${size} bytes`)
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true)
  if (length > BigInt(Math.min(HEADER_LIMIT, size - 8))) throw broken(`its header would have ${length} bytes`)
  return Number(length)
}

/**
 * Reads the header of a file of `size` bytes. The tensors, of `dtypes`, must fill the file without holes or overlaps, as the format
 * demands. Throws what `broken` makes.
 */
export function tensorTable(
  bytes: Uint8Array,
  {
    size,
    broken,
    dtypes = Object.keys(valueBytes) as TensorDtype[],
  }: { readonly size: number; readonly broken: Broken; readonly dtypes?: readonly TensorDtype[] },
): TensorTable {
  const start = 8 + bytes.length
  const header = parseJson(bytes)
  if (!isRecord(header)) throw broken('its header is not a JSON object')
  const { [METADATA]: metadata = {}, ...rest } = header
  if (!isTexts(metadata)) throw broken(`its ${METADATA} is not an object of texts`)
  const placed = Object.entries(rest).map(([name, value]) => {
    const tensor = describedTensor(value, dtypes)
    const kinds = dtypes.join() === 'F32' ? 'float32 values' : 'values of a type that the format has'
    if (tensor === undefined) throw broken(`tensor '${name}' is not described as ${kinds}`)
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
  if (start + end !== size) throw broken(`it should have ${start + end} bytes and has ${size}`)
  const tensors = placed.map(
    ({ name, from, to, ...rest }) => [name, { ...rest, from: start + from, to: start + to }] as const,
  )
  return { tensors: new Map(tensors), metadata }
}

/**
 * Reads a safetensors file of float32 tensors, each into memory of its own. Every size is checked before memory is touched.
 * Throws `ARTIFACT_INVALID`; `where` names the file.
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): TensorFile {
  const { tensors, metadata } = placedTensors(bytes, where, ['F32'])
  const read = Array.from(tensors, ([name, placed]) => {
    const data = new Float32Array(ownBytes(bytes, placed))
    return [name, { shape: placed.shape, data }] as const
  })
  return { tensors: Object.fromEntries(read), metadata }
}

/** Where the tensors of a whole file are. Throws `ARTIFACT_INVALID`; `where` names the file. */
export function placedTensors(bytes: Uint8Array, where: string, dtypes: readonly TensorDtype[]): TensorTable {
  const broken = (why: string): EnsuiteError =>
    new EnsuiteError(
      'ARTIFACT_INVALID',
      `${where} is not a whole safetensors file: ${why}. Restore it from where it was saved, or train again.`,
    )
  const size = bytes.length
  const start = 8 + headerBytes(bytes, size, broken)
  return tensorTable(bytes.subarray(8, start), { size, broken, dtypes })
}

/** The bytes of a tensor as a copy of its own: `slice` of a Node Buffer would share the whole file. */
export const ownBytes = (bytes: Uint8Array, { from, to }: PlacedTensor): ArrayBuffer =>
  new Uint8Array(bytes.subarray(from, to)).buffer

const sizeOf = (shape: readonly number[]): number => shape.reduce((all, dim) => all * dim, 1)

function describedTensor(value: unknown, dtypes: readonly TensorDtype[]): PlacedTensor | undefined {
  if (!isRecord(value)) return undefined
  const { shape, data_offsets: offsets } = value
  const dtype = dtypes.find((each) => each === value['dtype'])
  if (dtype === undefined || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) return undefined
  const [from, to] = offsets as readonly [number, number]
  return to - from === valueBytes[dtype] * sizeOf(shape) ? { dtype, shape, from, to } : undefined
}

const isSizes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && (each as number) >= 0)

const isTexts = (value: unknown): value is Readonly<Record<string, string>> =>
  isRecord(value) && Object.values(value).every((each) => typeof each === 'string')
