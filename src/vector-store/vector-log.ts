import { createHash } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { withPlainFile, flushFolder, isRecord, unwritable, type FileRefusals } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkedSchema, checkIds, checkRows } from './checks.ts'
import type { TableLog } from './table-store.ts'
import type { VectorRow, VectorSchema } from './vector-store.ts'
import { createVectorTable, type VectorTable } from './vector-table.ts'

/**
 * What happened to a table, on disk: a file of records, each `length u32 | SHA-256 of the digest before and the payload | payload`. The first holds the schema, the others rows or the ids of
 * rows that are gone: `length of JSON u32 | JSON | vectors float32`. A record is flushed before its call is answered; what a process that died has written of one is cut off.
 */
const FORMAT = 'ensuite vectors 1'
const DIGEST = 32
const HEAD = 4 + DIGEST
/** A larger record is no record. */
const LARGEST = 1 << 28
/** Rows of a record. */
const BLOCK = 1000

/** A log that is open, and the table that it leads to. */
export interface OpenLog {
  readonly table: VectorTable
  readonly log: TableLog
  /** Where it ends now. */
  readonly end: () => LogEnd
  /** Whether each known place was passed, everything before it being what it was. */
  readonly passed: readonly boolean[]
}

/** Starts a log; nothing may be at the path. */
export async function createLog(path: string, schema: Required<VectorSchema>): Promise<OpenLog> {
  const file = await open(path, 'wx').catch((cause: unknown) => {
    throw unwritable(path, (cause as Error).message, cause)
  })
  const writer = writerOf(path, file, { at: 0, digest: new Uint8Array(DIGEST) })
  await writer.append([schemaRecord(schema)])
  await flushFolder(dirname(path))
  return { table: createVectorTable(schema), log: logOf(writer), end: writer.end, passed: [] }
}

/** Opens one that is there. `known`: places that it may pass. Throws `STORE_MISSING`, `STORE_DAMAGED`. */
export async function openLog(path: string, known: readonly LogEnd[] = []): Promise<OpenLog> {
  let table: VectorTable | undefined
  const passed = known.map(() => false)
  const end = await readRecords(
    path,
    (payload, where) => {
      if (table === undefined) table = createVectorTable(schemaOf(payload, where))
      else apply(table, payload, where)
    },
    (at) => {
      table?.settle()
      for (const [index, place] of known.entries())
        if (place.at === at.at && place.digest === Buffer.from(at.digest).toString('hex'))
          passed[index] = true
    },
  )
  if (table === undefined) throw damaged(path)('it has no schema')
  const file = await open(path, 'r+').catch((cause: unknown) => {
    throw unwritable(path, (cause as Error).message, cause)
  })
  await file.truncate(end.at)
  const writer = writerOf(path, file, end)
  return { table, log: logOf(writer), end: writer.end, passed }
}

/** Writes all rows of a table as a log of its own, beside its place, and renames it. */
export async function writeLog(
  path: string,
  schema: Required<VectorSchema>,
  blocks: AsyncIterable<readonly VectorRow[]>,
): Promise<void> {
  const beside = `${path}.partial`
  await rm(beside, { force: true })
  try {
    const { log } = await createLog(beside, schema)
    try {
      for await (const rows of blocks) await log.upsert(rows)
    } finally {
      await log.close()
    }
    await rename(beside, path)
    await flushFolder(dirname(path))
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}

/** A place in a log: everything before it is what it was where the digest is the same. */
export interface LogEnd {
  /** Bytes of the whole records. */
  readonly at: number
  /** Of all of them, in hexadecimal digits. */
  readonly digest: string
}

interface End {
  readonly at: number
  readonly digest: Uint8Array
}

interface Writer {
  readonly end: () => LogEnd
  readonly append: (payloads: readonly Uint8Array[]) => Promise<void>
  readonly close: () => Promise<void>
}

function writerOf(path: string, file: FileHandle, end: End): Writer {
  let { at, digest } = end
  let isBroken = false
  return {
    end: () => ({ at, digest: Buffer.from(digest).toString('hex') }),
    append: async (payloads) => {
      if (isBroken) throw unwritable(path, 'an earlier write failed. Open the store again')
      const records: Uint8Array[] = []
      let next = digest
      for (const payload of payloads) {
        next = digestOf(next, payload)
        const head = Buffer.alloc(4)
        head.writeUInt32LE(payload.length)
        records.push(head, next, payload)
      }
      const bytes = Buffer.concat(records)
      try {
        let written = 0
        while (written < bytes.length)
          written += (await file.write(bytes, written, bytes.length - written, at + written)).bytesWritten
        await file.sync()
      } catch (cause) {
        // What was written of it is not whole, and is taken away.
        await file.truncate(at).catch(() => {
          isBroken = true
        })
        throw unwritable(path, (cause as Error).message, cause)
      }
      at += bytes.length
      digest = next
    },
    close: () => file.close(),
  }
}

const logOf = (writer: Writer): TableLog => ({
  upsert: async (rows) => {
    if (rows.length === 0) return
    const blocks = Array.from({ length: Math.ceil(rows.length / BLOCK) }, (_, at) =>
      rows.slice(at * BLOCK, (at + 1) * BLOCK),
    )
    // One write: all rows of a call are there afterwards, or none.
    await writer.append(blocks.map((block, at) => rowsRecord(block, at < blocks.length - 1)))
  },
  delete: async (ids) => {
    if (ids.length > 0) await writer.append([record({ delete: ids })])
  },
  close: () => writer.close(),
})

/** Whole records from the start, in order. */
async function readRecords(
  path: string,
  visit: (payload: Uint8Array<ArrayBuffer>, where: string) => void,
  settle: (end: End) => void,
): Promise<End> {
  const broken = damaged(path)
  return withPlainFile(path, refusals(path), async ({ size, read }) => {
    let at = 0
    /** Where the last call began of which all records are there. */
    let end: End = { at: 0, digest: new Uint8Array(DIGEST) }
    let digest = end.digest
    let pending: Uint8Array<ArrayBuffer>[] = []
    while (at + HEAD <= size) {
      const head = await read(at, HEAD)
      const length = Buffer.from(head.buffer).readUInt32LE(0)
      if (length > LARGEST) throw broken(`a record of ${length} bytes is at ${at}`)
      if (at + HEAD + length > size) break
      const payload = await read(at + HEAD, length)
      digest = digestOf(digest, payload)
      if (!Buffer.from(digest).equals(head.subarray(4)))
        throw broken(`the record at ${at} has another digest`)
      at += HEAD + length
      pending.push(payload)
      if (goesOn(payload)) continue
      for (const each of pending) visit(each, `${path}, before byte ${at}`)
      pending = []
      end = { at, digest }
      settle(end)
    }
    return end
  })
}

function digestOf(before: Uint8Array, payload: Uint8Array): Uint8Array {
  return createHash('sha256').update(before).update(payload).digest()
}

const record = (json: object, vectors: Uint8Array = new Uint8Array()): Uint8Array => {
  const text = Buffer.from(JSON.stringify(json))
  const head = Buffer.alloc(4)
  head.writeUInt32LE(text.length)
  return Buffer.concat([head, text, vectors])
}

const schemaRecord = (schema: Required<VectorSchema>): Uint8Array => record({ format: FORMAT, schema })

/** `goesOn`: the next record is of the same call. */
function rowsRecord(rows: readonly VectorRow[], more: boolean): Uint8Array {
  const vectors = Buffer.concat(
    rows.map(({ vector }) => Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)),
  )
  const names = Object.keys(rows[0]?.attributes ?? {})
  const attributes = Object.fromEntries(
    names.map((name) => [name, rows.map((row) => row.attributes![name]!)]),
  )
  return record({ upsert: rows.map(({ id }) => id), attributes, ...(more && { goesOn: true }) }, vectors)
}

interface Payload {
  readonly json: Readonly<Record<string, unknown>>
  readonly rest: Uint8Array<ArrayBuffer>
}

function payloadOf(payload: Uint8Array<ArrayBuffer>): Payload | undefined {
  if (payload.length < 4) return undefined
  const length = Buffer.from(payload.buffer, payload.byteOffset).readUInt32LE(0)
  if (4 + length > payload.length) return undefined
  try {
    const json: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(payload.subarray(4, 4 + length)),
    )
    return isRecord(json) ? { json, rest: payload.slice(4 + length) } : undefined
  } catch {
    return undefined
  }
}

const goesOn = (payload: Uint8Array<ArrayBuffer>): boolean => payloadOf(payload)?.json['goesOn'] === true

function schemaOf(payload: Uint8Array<ArrayBuffer>, where: string): Required<VectorSchema> {
  const { json } = payloadOf(payload) ?? {}
  if (json?.['format'] !== FORMAT) throw damaged(where)(`it does not start as '${FORMAT}'`)
  return checked(where, () => checkedSchema(json['schema'] as VectorSchema))
}

function apply(table: VectorTable, payload: Uint8Array<ArrayBuffer>, where: string): void {
  const { json, rest } = payloadOf(payload) ?? {}
  if (json === undefined) throw damaged(where)('a record cannot be read')
  const { dimensions } = table.schema
  checked(where, () => {
    if (Array.isArray(json['delete'])) {
      const ids = json['delete'] as readonly string[]
      checkIds(ids)
      table.delete(ids)
      return
    }
    const { upsert: ids, attributes } = json
    if (!Array.isArray(ids) || !isRecord(attributes) || rest!.length !== 4 * dimensions * ids.length)
      throw damaged(where)('a record holds no rows')
    const vectors = new Float32Array(rest!.buffer)
    const rows = (ids as readonly string[]).map((id, at): VectorRow => ({
      id,
      vector: vectors.subarray(at * dimensions, (at + 1) * dimensions),
      attributes: Object.fromEntries(
        Object.entries(attributes).map(([name, values]) => [name, (values as readonly never[])[at]!]),
      ),
    }))
    checkRows(rows, table.schema)
    table.upsert(rows)
  })
}

/** What does not fit is damage here, not a wrong option. */
function checked<Value>(where: string, body: () => Value): Value {
  try {
    return body()
  } catch (cause) {
    if (cause instanceof EnsuiteError && cause.code === 'STORE_DAMAGED') throw cause
    throw damaged(where)((cause as Error).message, cause)
  }
}

const damaged =
  (where: string) =>
  (why: string, cause?: unknown): EnsuiteError =>
    new EnsuiteError(
      'STORE_DAMAGED',
      `The vectors at ${where} cannot be read: ${why}. Use an earlier version, or fill a new one.`,
      { cause },
    )

const refusals = (path: string): FileRefusals => ({
  missing: (cause) => new EnsuiteError('STORE_MISSING', `There are no vectors at ${path}.`, { cause }),
  unreadable: damaged(path),
  link: (what) =>
    new EnsuiteError(
      'PATH_ESCAPES',
      `${path} is ${what}, so what is read could lie outside the folder. Put a copy of the file in its place.`,
    ),
})
