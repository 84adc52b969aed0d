import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type * as Lance from '@lancedb/lancedb'
import type * as Arrow from 'apache-arrow'
import { ensureFolder } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkOptions } from '../options.ts'
import { readCurrent, writeCurrent } from './current-version.ts'
import { checkedSchema, checkIds, checkRows, checkSearch, checkVersion } from './checks.ts'
import { conditionText, type VectorFilter } from './filter.ts'
import { optionalPackage } from './optional-package.ts'
import type {
  AttributeValue,
  Found,
  VectorDatabase,
  VectorRow,
  VectorSchema,
  VectorStore,
} from './vector-store.ts'

export interface LanceOptions {
  /** Rows from which a version that is taken into use gets an index (IVF); all are scored below. Default 50,000. */
  readonly indexFrom?: number
  /** Share of the index's parts that a search looks into. Default 0.2. */
  readonly probes?: number
}

/** Where our schema is in a table's. */
const SCHEMA = 'ensuite'
/** Before the names of attributes, none of which is a word of SQL then. */
const OWN = 'a_'
const BLOCK = 1000

/**
 * Versions in a folder of LanceDB, a table each, which other processes may read. Needs the packages `@lancedb/lancedb` and `apache-arrow`.
 * Writing is slow (some 10 ms a call): give many rows at once.
 */
export function lanceVectors(folder: string, options: LanceOptions = {}): VectorDatabase {
  checkOptions('lanceVectors', options, ['indexFrom', 'probes'])
  const { indexFrom = 50_000, probes = 0.2 } = options
  let connected: Promise<Lance.Connection> | undefined
  const connect = async (): Promise<Lance.Connection> => {
    const { connect: open } = await optionalPackage<typeof Lance>('@lancedb/lancedb')
    await ensureFolder(folder)
    return open(folder)
  }
  const database = (): Promise<Lance.Connection> => (connected ??= connect())
  const opened = new Set<VectorStore>()

  const tableOf = async (version: string): Promise<Lance.Table> => {
    checkVersion(version)
    const own = await database()
    if (!(await own.tableNames()).includes(version))
      throw new EnsuiteError('STORE_MISSING', `There is no version '${version}' in ${folder}.`)
    return damaged(folder, version, () => own.openTable(version))
  }
  const schemaOf = async (version: string, table: Lance.Table): Promise<Required<VectorSchema>> => {
    const metadata = (await table.schema()).metadata.get(SCHEMA)
    return damagedSync(folder, version, () => checkedSchema(JSON.parse(metadata!) as VectorSchema))
  }
  const storeOf = async (version: string, table: Lance.Table): Promise<VectorStore> => {
    const schema = await schemaOf(version, table)
    const store = lanceStore(table, schema, probes, () => opened.delete(store))
    opened.add(store)
    return store
  }
  return Object.freeze<VectorDatabase>({
    create: async (version, schema) => {
      checkVersion(version)
      const full = checkedSchema(schema)
      const own = await database()
      if ((await own.tableNames()).includes(version))
        throw new EnsuiteError(
          'STORE_EXISTS',
          `There is a version '${version}' in ${folder}. Remove it first, or choose another name.`,
        )
      const arrow = await optionalPackage<typeof Arrow>('apache-arrow')
      return storeOf(version, await own.createEmptyTable(version, arrowSchema(arrow, full)))
    },
    open: async (version) => {
      const name = version ?? (await readCurrent(folder))?.version
      if (name === undefined)
        throw new EnsuiteError(
          'STORE_MISSING',
          `No version in ${folder} is in use. Name one, or take one into use.`,
        )
      return storeOf(name, await tableOf(name))
    },
    current: async () => (await readCurrent(folder))?.version,
    use: async (version) => {
      const table = await tableOf(version)
      const rows = await table.countRows()
      if (rows >= indexFrom) {
        const { Index } = await optionalPackage<typeof Lance>('@lancedb/lancedb')
        const { similarity } = await schemaOf(version, table)
        await table.createIndex('vector', {
          config: Index.ivfFlat({ distanceType: similarity, numPartitions: Math.round(Math.sqrt(rows)) }),
        })
      }
      await table.optimize()
      await writeCurrent(folder, { version })
    },
    versions: async () => (await (await database()).tableNames()).toSorted(),
    remove: async (version) => {
      await tableOf(version)
      if ((await readCurrent(folder))?.version === version)
        throw new EnsuiteError(
          'STORE_IN_USE',
          `Version '${version}' in ${folder} is in use. Take another one into use first.`,
        )
      await (await database()).dropTable(version)
      await rm(join(folder, `${version}.lance`), { recursive: true, force: true })
    },
    close: async () => {
      for (const store of [...opened]) await store.close()
      const own = await connected
      own?.close()
      connected = undefined
    },
  })
}

function arrowSchema(arrow: typeof Arrow, schema: Required<VectorSchema>): Arrow.Schema {
  const types = {
    text: () => new arrow.Utf8(),
    number: () => new arrow.Float64(),
    boolean: () => new arrow.Bool(),
  }
  const vector = new arrow.FixedSizeList(
    schema.dimensions,
    new arrow.Field('item', new arrow.Float32(), false),
  )
  return new arrow.Schema(
    [
      new arrow.Field('id', new arrow.Utf8(), false),
      new arrow.Field('vector', vector, false),
      ...Object.entries(schema.attributes).map(
        ([name, type]) => new arrow.Field(`${OWN}${name}`, types[type](), false),
      ),
    ],
    new Map([[SCHEMA, JSON.stringify(schema)]]),
  )
}

/** A row as the engine has it. */
type Row = Readonly<Record<string, unknown>> & { readonly id: string }

function lanceStore(
  table: Lance.Table,
  schema: Required<VectorSchema>,
  probes: number,
  onClose: () => void,
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
  const condition = (filter: VectorFilter): string => conditionText(filter, schema, sql)
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
              .nprobes(Math.max(1, parts))
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

/** A value as SQL writes it: texts with their quotation marks doubled, which is all that ends a text. */
const literal = (value: AttributeValue): string =>
  typeof value === 'string'
    ? `'${value.replaceAll("'", "''")}'`
    : typeof value === 'number'
      ? `CAST('${value}' AS DOUBLE)`
      : String(value)

const sql = {
  equals: '=',
  literal,
  truth: ['false', 'true'],
  name: (attribute: string) => `${OWN}${attribute}`,
} as const

const oneOf = (ids: readonly string[]): string => `id in (${ids.map(literal).join(', ')})`

const damage = (folder: string, version: string, cause: unknown): EnsuiteError =>
  new EnsuiteError(
    'STORE_DAMAGED',
    `The vectors of '${version}' in ${folder} cannot be read: ${(cause as Error).message}. Use an earlier version, or fill a new one.`,
    { cause },
  )

async function damaged<Value>(folder: string, version: string, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read()
  } catch (cause) {
    throw damage(folder, version, cause)
  }
}

function damagedSync<Value>(folder: string, version: string, read: () => Value): Value {
  try {
    return read()
  } catch (cause) {
    throw damage(folder, version, cause)
  }
}
