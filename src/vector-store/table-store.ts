import { EnsuiteError } from '../errors.ts'
import { checkIds, checkRows, checkSearch } from './checks.ts'
import { allowedRows } from './allowed-rows.ts'
import type { Nearest } from './nearest.ts'
import type { VectorRow, VectorStore } from './vector-store.ts'
import type { VectorTable } from './vector-table.ts'

/** Rows that `rows()` gives at a time. */
const BLOCK = 1000

/** What happens to a table, in the order in which it happens: kept by a log before it is answered. */
export interface TableLog {
  upsert(rows: readonly VectorRow[]): Promise<void>
  delete(ids: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** A store over a table in memory. Calls are answered one after the other. */
export function tableStore(table: VectorTable, nearest: Nearest, log: TableLog): VectorStore {
  const { schema } = table
  let closed = false
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <Value>(work: () => Promise<Value> | Value): Promise<Value> => {
    if (closed)
      return Promise.reject(new EnsuiteError('CLOSED', 'This vector store has been closed. Open it again.'))
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }
  const allowedBy = allowedRows(table)
  const rowOf = (id: string): VectorRow | undefined => {
    const place = table.placeOf(id)
    return place === undefined ? undefined : table.rowAt(place)
  }
  return Object.freeze<VectorStore>({
    schema,
    upsert: (rows) =>
      inTurn(async () => {
        checkRows(rows, schema)
        await log.upsert(rows)
        table.upsert(rows)
        table.settle()
      }),
    delete: (ids) =>
      inTurn(async () => {
        checkIds(ids)
        await log.delete(ids)
        table.delete(ids)
        table.settle()
      }),
    get: (ids) =>
      inTurn(() => {
        checkIds(ids)
        return ids.map(rowOf)
      }),
    search: (queries, options) =>
      inTurn(async () => {
        checkSearch(queries, options, schema)
        const found = await nearest.search(table, queries, { k: options.k, ...allowedBy(options.filter) })
        return found.map(({ places, scores }) =>
          Array.from(places, (place, at) => ({ id: table.ids[place]!, score: scores[at]! })),
        )
      }),
    count: (filter) => inTurn(() => allowedBy(filter).most),
    optimize: () => inTurn(() => nearest.prepare(table)),
    rows: async function* () {
      const ids = await inTurn(() => table.living())
      for (let from = 0; from < ids.length; from += BLOCK)
        yield await inTurn(() => ids.slice(from, from + BLOCK).flatMap((id) => rowOf(id) ?? []))
    },
    close: async () => {
      if (closed) return
      const before = last
      closed = true
      await before
      try {
        await nearest.close()
      } finally {
        await log.close()
      }
    },
  })
}
