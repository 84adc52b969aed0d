import { EnsuiteError } from '../errors.ts'
import { checkIds, checkRows, checkSearch } from './checks.ts'
import type { VectorFilter } from './filter.ts'
import { OWN, settleCollection } from './milvus-collection.ts'
import type { MilvusConnection } from './milvus-connection.ts'
import { literalFilter, oneOf, templateFilter, type MilvusFilter } from './milvus-filter.ts'
import { consistencyLevels, type MilvusSettings } from './milvus-options.ts'
import { milvusText } from './milvus-text.ts'
import type { AttributeValue, Found, VectorRow, VectorSchema, VectorStore } from './vector-store.ts'

/** Rows, or ids, of a call. */
const BLOCK = 1000

export interface MilvusStoreParts {
  readonly schema: Required<VectorSchema>
  readonly settings: MilvusSettings
  readonly onClose: () => void
}

/** The store of a collection that is loaded. */
export function milvusStore(
  { call, takesTemplates }: MilvusConnection,
  collection_name: string,
  { schema, settings, onClose }: MilvusStoreParts,
): VectorStore {
  const consistency_level = consistencyLevels[settings.consistency] as never
  const names = Object.keys(schema.attributes)
  const fields = ['id', 'vector', ...names.map((name) => `${OWN}${name}`)]
  let isClosed = false
  const checkOpen = (): void => {
    if (isClosed) throw new EnsuiteError('CLOSED', 'This vector store has been closed. Open it again.')
  }
  const condition = async (filter: VectorFilter): Promise<MilvusFilter> => {
    // What is no filter is refused whatever the server is.
    const literal = literalFilter(filter, schema)
    return (await takesTemplates()) ? templateFilter(filter, schema) : literal
  }
  const rowOf = (row: Readonly<Record<string, unknown>>): VectorRow => ({
    id: row['id'] as string,
    vector: Float32Array.from(row['vector'] as number[]),
    attributes: Object.fromEntries(names.map((name) => [name, row[`${OWN}${name}`] as AttributeValue])),
  })
  /** Answers are limited, and not every server gives them in an order: a condition that too many rows meet is divided at one of their ids. */
  async function* rowsWhere(filter: string): AsyncGenerator<readonly VectorRow[]> {
    const { data } = await call('give rows', (own) =>
      own.query({ collection_name, filter, output_fields: fields, limit: 2 * BLOCK, consistency_level }),
    )
    if (data.length < 2 * BLOCK) yield data.map(rowOf)
    else {
      const ids = data.map((row) => row['id'] as string).sort()
      const middle = milvusText(ids[BLOCK]!)
      yield* rowsWhere(`(${filter} and (id < ${middle}))`)
      yield* rowsWhere(`(${filter} and (id >= ${middle}))`)
    }
  }
  return Object.freeze<VectorStore>({
    schema,
    upsert: async (rows) => {
      checkOpen()
      checkRows(rows, schema)
      // Of rows of one id the last one counts.
      const latest = new Map(rows.map((row) => [row.id, row]))
      const data = [...latest.values()].map(({ id, vector, attributes }) => ({
        id,
        vector: Array.from(vector),
        ...Object.fromEntries(names.map((name) => [`${OWN}${name}`, attributes![name]!])),
      }))
      for (const some of blocks(data))
        await call('take rows in', (own) => own.upsert({ collection_name, data: some }))
    },
    delete: async (ids) => {
      checkOpen()
      checkIds(ids)
      for (const some of blocks(ids))
        await call('delete rows', (own) => own.delete({ collection_name, filter: oneOf(some) }))
    },
    get: async (ids) => {
      checkOpen()
      checkIds(ids)
      const found = new Map<string, VectorRow>()
      for (const some of blocks(ids)) {
        const { data } = await call('give rows', (own) =>
          own.query({
            ...{ collection_name, filter: oneOf(some), output_fields: fields },
            ...{ limit: BLOCK, consistency_level },
          }),
        )
        for (const row of data) found.set(row['id'] as string, rowOf(row))
      }
      return ids.map((id) => found.get(id))
    },
    search: async (queries, options) => {
      checkOpen()
      checkSearch(queries, options, schema)
      const { k, filter } = options
      const where = filter === undefined ? {} : await condition(filter)
      if (queries.length === 0) return []
      const { results } = await call('search', (own) =>
        own.search({
          collection_name,
          data: queries.map((query) => Array.from(query)),
          anns_field: 'vector',
          limit: k,
          params: { ef: Math.max(settings.expansionSearch, Math.min(32_768, 2 * k)) },
          output_fields: ['id'],
          consistency_level,
          ...where,
        }),
      )
      // One query has one list, several have a list of lists; none has an empty one.
      const found = results as unknown as readonly (Found | readonly Found[])[]
      const lists = Array.isArray(found[0])
        ? (found as readonly (readonly Found[])[])
        : [found as readonly Found[]]
      return queries.map((_, at) => (lists[at] ?? []).map(({ id, score }) => ({ id, score })))
    },
    count: async (filter) => {
      checkOpen()
      const where = filter === undefined ? { filter: '' } : await condition(filter)
      const { data } = await call('count', (own) =>
        own.query({ collection_name, ...where, output_fields: ['count(*)'], consistency_level }),
      )
      return Number(data[0]?.['count(*)'] ?? 0)
    },
    optimize: async () => {
      checkOpen()
      await settleCollection(call, collection_name, settings)
    },
    rows: async function* () {
      checkOpen()
      yield* rowsWhere('(id != "")')
    },
    close: () => {
      isClosed = true
      onClose()
      return Promise.resolve()
    },
  })
}

const blocks = <Value>(all: readonly Value[]): Value[][] =>
  Array.from({ length: Math.ceil(all.length / BLOCK) }, (_, at) => all.slice(at * BLOCK, (at + 1) * BLOCK))
