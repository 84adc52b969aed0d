import { createHash } from 'node:crypto'
import { isRecord, withPlainFile, type FileRefusals } from '../artifact/index.ts'

/**
 * A file of records, each `length u32 | 4 bytes of the digest of the digest before and the length | SHA-256 of the digest before and the payload | payload`; a payload is
 * `length of JSON u32 | JSON | other bytes`. So a record that is cut off, which a process that died leaves, is told from one whose length was changed.
 */
const DIGEST = 32
const CHECK = 4
const HEAD = 4 + CHECK + DIGEST
/** A larger record is no record. */
export const LARGEST = 1 << 28

/** A place in a log: everything before it is what it was where the digest is the same. */
export interface LogEnd {
  /** Bytes of the whole records. */
  readonly at: number
  /** Of all of them, in hexadecimal digits. */
  readonly digest: string
}

/** The same in bytes. */
export interface RecordEnd {
  readonly at: number
  readonly digest: Uint8Array
}

export const firstEnd: RecordEnd = { at: 0, digest: new Uint8Array(DIGEST) }

export const logEnd = ({ at, digest }: RecordEnd): LogEnd => ({
  at,
  digest: Buffer.from(digest).toString('hex'),
})

/** Records of payloads, and the digest after them. */
export function recordBytes(
  before: Uint8Array,
  payloads: readonly Uint8Array[],
): { readonly bytes: Uint8Array; readonly digest: Uint8Array } {
  let digest = before
  const parts: Uint8Array[] = []
  for (const payload of payloads) {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(payload.length)
    const next = digestOf(digest, payload)
    parts.push(length, digestOf(digest, length).subarray(0, CHECK), next, payload)
    digest = next
  }
  return { bytes: Buffer.concat(parts), digest }
}

export interface LogPayload {
  readonly json: Readonly<Record<string, unknown>>
  /** The bytes behind the JSON, such as those of vectors. */
  readonly rest: Uint8Array<ArrayBuffer>
}

/** A payload of JSON and other bytes. `goesOn` in it: the next record is of the same call. */
export function encodePayload(json: object, rest: Uint8Array = new Uint8Array()): Uint8Array {
  const text = Buffer.from(JSON.stringify(json))
  const head = Buffer.alloc(4)
  head.writeUInt32LE(text.length)
  return Buffer.concat([head, text, rest])
}

function decodePayload(payload: Uint8Array<ArrayBuffer>): LogPayload | undefined {
  if (payload.length < 4) return undefined
  const length = Buffer.from(payload.buffer, payload.byteOffset).readUInt32LE(0)
  if (4 + length > payload.length) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(payload.subarray(4, 4 + length))
    const json: unknown = JSON.parse(text)
    return isRecord(json) ? { json, rest: payload.slice(4 + length) } : undefined
  } catch {
    return undefined
  }
}

export interface RecordReader {
  /** What is thrown for a log that is none to be read. */
  readonly refusals: FileRefusals
  readonly visit: (payload: LogPayload, where: string) => void
  /** After each whole call. */
  readonly settle?: (end: RecordEnd) => void
}

export interface ReadEnd extends RecordEnd {
  /** Bytes behind the last whole call, of one that was begun. */
  readonly begun: number
}

/**
 * Visits the payloads of whole calls from the start, in order, and says where the last whole call ends. What was begun behind it is left: a part of a record, or nothing but zeros, which some file systems leave of a
 * write when the machine fails. Throws what `refusals` make.
 */
export async function readRecords(path: string, { refusals, visit, settle }: RecordReader): Promise<ReadEnd> {
  const { unreadable: broken } = refusals
  return withPlainFile(path, refusals, async ({ size, read }) => {
    let at = 0
    let end = firstEnd
    let { digest } = end
    let pending: LogPayload[] = []
    while (at + HEAD <= size) {
      const head = Buffer.from((await read(at, HEAD)).buffer)
      const length = head.readUInt32LE(0)
      const check = digestOf(digest, head.subarray(0, 4)).subarray(0, CHECK)
      if (!head.subarray(4, 4 + CHECK).equals(check) || length > LARGEST) {
        if (await isZeros(read, at, size)) break
        throw broken(`there is no record at ${at}`)
      }
      if (at + HEAD + length > size) break
      const bytes = await read(at + HEAD, length)
      digest = digestOf(digest, bytes)
      if (!head.subarray(4 + CHECK).equals(digest)) throw broken(`the record at ${at} has another digest`)
      const payload = decodePayload(bytes)
      if (payload === undefined) throw broken(`the record at ${at} cannot be read`)
      at += HEAD + length
      pending.push(payload)
      if (payload.json['goesOn'] === true) continue
      for (const each of pending) visit(each, `${path}, before byte ${at}`)
      pending = []
      end = { at, digest }
      settle?.(end)
    }
    return { ...end, begun: size - end.at }
  })
}

const BLOCK = 1 << 20

async function isZeros(
  read: (at: number, length: number) => Promise<Uint8Array>,
  from: number,
  to: number,
): Promise<boolean> {
  for (let at = from; at < to; at += BLOCK)
    if ((await read(at, Math.min(BLOCK, to - at))).some((byte) => byte !== 0)) return false
  return true
}

const digestOf = (before: Uint8Array, bytes: Uint8Array): Buffer =>
  createHash('sha256').update(before).update(bytes).digest()
