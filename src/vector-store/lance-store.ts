import type * as Lance from '@lancedb/lancedb'
import { EnsuiteError } from '../errors.ts'
import { checkIds, checkRows, checkSearch } from './checks.ts'
import type { VectorFilter } from './filter.ts'
import { lanceCondition, oneOf, OWN } from './lance-sql.ts'
import { optionalPackage } from '../optional-package.ts'
import type { AttributeValue, Found, VectorRow, VectorSchema, VectorStore } from './vector-store.ts'

const BLOCK = 1000

/** A row as the engine has it. */
type Row = Readonly<Record<string, unknown>> & { readonly id: string }

export interface LanceStoreParts {
  readonly indexFrom: number
  readonly probes: number
  readonly onClose: () => void
}

/** The store of a table. */
export function lanceStore(
  table: Lance.Table,
  schema: Required<VectorSchema>,
  { indexFrom, probes, onClose }: LanceStoreParts,
): VectorStore {
  let isClosed = false
  const whileOpen = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (isClosed) throw new EnsuiteError('CLOSED', 'This vector store has been closed. Open it again.')
    return work()
  }
  const rowOf = (row: Row): VectorRow => ({
    id: row.id,
    vector: Float32Array.from(row['vector'] as Iterable<number>),
    attributes: Object.fromEntries(
      Object.keys(schema.attributes).map((name) => [name, row[`${OWN}${name}`] as AttributeValue]),
    ),
  })
  const condition = (filter: VectorFilter): string => lanceCondition(filter, schema)
  return Object.freeze<VectorStore>({
    schema,
    upsert: (rows) =>
      whileOpen(async () => {
        checkRows(rows, schema)
        if (rows.length === 0) return
        // Of rows of one id the last one counts.
        const latest = new Map(rows.map((row) => [row.id, row]))
        const given = [...latest.values()].map(({ id, vector, attributes }) => ({
          id,
          vector: Array.from(vector),
          ...Object.fromEntries(
            Object.keys(schema.attributes).map((name) => [`${OWN}${name}`, attributes![name]]),
          ),
        }))
        await table.mergeInsert('id').whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(given)
      }),
    delete: (ids) =>
      whileOpen(async () => {
        checkIds(ids)
        for (let from = 0; from < ids.length; from += BLOCK)
          await table.delete(oneOf(ids.slice(from, from + BLOCK)))
      }),
    get: (ids) =>
      whileOpen(async () => {
        checkIds(ids)
        const found = new Map<string, VectorRow>()
        for (let from = 0; from < ids.length; from += BLOCK)
          for (const row of (await table
            .query()
            .where(oneOf(ids.slice(from, from + BLOCK)))
            .toArray()) as Row[])
            found.set(row.id, rowOf(row))
        return ids.map((id) => found.get(id))
      }),
    search: (queries, options) =>
      whileOpen(async () => {
        checkSearch(queries, options, schema)
        const { k, filter } = options
        const where = filter === undefined ? undefined : condition(filter)
        const indices = await table.listIndices()
        const parts = indices.length === 0 ? 1 : Math.ceil(Math.sqrt(await table.countRows()) * probes)
        return Promise.all(
          queries.map(async (query): Promise<readonly Found[]> => {
            const search = table
              .vectorSearch(query)
              .distanceType(schema.similarity)
              // No more parts where these have enough rows; else up to all, as a filter may let few pass.
              .maximumNprobes(0)
              .minimumNprobes(Math.max(1, parts))
              .select(['id', '_distance'])
              .limit(k)
            const rows = (await (where === undefined ? search : search.where(where)).toArray()) as (Row & {
              readonly _distance: number
            })[]
            return rows.map(({ id, _distance }) => ({ id, score: 1 - _distance }))
          }),
        )
      }),
    count: (filter) => whileOpen(() => table.countRows(filter === undefined ? undefined : condition(filter))),
    optimize: () =>
      whileOpen(async () => {
        const rows = await table.countRows()
        if (rows >= indexFrom) {
          const { Index } = await optionalPackage<typeof Lance>('@lancedb/lancedb', 'This vector store')
          await table.createIndex('vector', {
            config: Index.ivfFlat({
              distanceType: schema.similarity,
              numPartitions: Math.round(Math.sqrt(rows)),
            }),
          })
        }
        await table.optimize()
      }),
    rows: async function* () {
      const stream = await whileOpen(() => Promise.resolve(table.query()))
      for await (const batch of stream) {
        const rows = (batch.toArray() as unknown as Row[]).map(rowOf)
        for (let from = 0; from < rows.length; from += BLOCK) yield rows.slice(from, from + BLOCK)
      }
    },
    close: () => {
      if (!isClosed) {
        isClosed = true
        table.close()
        onClose()
      }
      return Promise.resolve()
    },
  })
}
