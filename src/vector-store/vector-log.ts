import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { flushFolder, isRecord, unwritable } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkedSchema, checkIds, checkRows } from './checks.ts'
import {
  encodePayload,
  firstEnd,
  logEnd,
  readRecords,
  recordWriter,
  type LogEnd,
  type LogPayload,
} from '../record-log/index.ts'
import { damaged, refusals } from './log-refusals.ts'
import { tableLog } from './table-log.ts'
import type { TableLog } from './table-store.ts'
import type { VectorRow, VectorSchema } from './vector-store.ts'
import { createVectorTable, type VectorTable } from './vector-table.ts'

/**
 * What happened to a table, on disk. The first record holds the schema, the others rows, or the ids of rows that are gone. A record is flushed before its call is answered; what a process that died has
 * written of one is cut off.
 */
const FORMAT = 'ensuite vectors 1'

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
  const file = await opened(path, 'wx')
  const writer = recordWriter(path, file, firstEnd)
  await orClosed(file, async () => {
    await writer.append([encodePayload({ format: FORMAT, schema })])
    await flushFolder(dirname(path))
  })
  return { table: createVectorTable(schema), log: tableLog(writer), end: writer.end, passed: [] }
}

export interface OpenLogOptions {
  /** Places that it may pass. */
  readonly known: readonly LogEnd[]
  /** Throws where the log is another one than was expected: nothing has been changed then. */
  readonly check?: (passed: readonly boolean[]) => void
}

/** Opens one that is there. Throws `STORE_MISSING`, `STORE_DAMAGED`. */
export async function openLog(path: string, { known, check }: OpenLogOptions): Promise<OpenLog> {
  let table: VectorTable | undefined
  const passed = known.map(() => false)
  const end = await readRecords(path, {
    refusals: refusals(path),
    visit: (payload, where) => {
      if (table === undefined) table = createVectorTable(schemaOf(payload, where))
      else apply(table, payload, where)
    },
    settle: (place) => {
      table?.settle()
      const here = logEnd(place)
      for (const [index, { at, digest }] of known.entries())
        if (at === here.at && digest === here.digest) passed[index] = true
    },
  })
  if (table === undefined) throw damaged(path)('it has no schema')
  check?.(passed)
  const file = await opened(path, 'r+')
  await orClosed(file, () => file.truncate(end.at))
  const writer = recordWriter(path, file, end)
  return { table, log: tableLog(writer), end: writer.end, passed }
}

const opened = (path: string, flags: 'wx' | 'r+'): Promise<FileHandle> =>
  open(path, flags).catch((cause: unknown) => {
    throw unwritable(path, (cause as Error).message, cause)
  })

/** Closes a file that cannot be gone on with. */
async function orClosed(file: FileHandle, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    await file.close().catch(() => undefined)
    throw error
  }
}

function schemaOf({ json }: LogPayload, where: string): Required<VectorSchema> {
  if (json['format'] !== FORMAT) throw damaged(where)(`it does not start as '${FORMAT}'`)
  return checked(where, () => checkedSchema(json['schema'] as VectorSchema))
}

function apply(table: VectorTable, { json, rest }: LogPayload, where: string): void {
  const { dimensions } = table.schema
  checked(where, () => {
    if (Array.isArray(json['delete'])) {
      const ids = json['delete'] as readonly string[]
      checkIds(ids)
      table.delete(ids)
      return
    }
    const { upsert: ids, attributes } = json
    if (!Array.isArray(ids) || !isRecord(attributes) || rest.length !== 4 * dimensions * ids.length)
      throw damaged(where)('a record holds no rows')
    const vectors = new Float32Array(rest.buffer)
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
