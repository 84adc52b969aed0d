import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type * as Lance from '@lancedb/lancedb'
import type * as Arrow from 'apache-arrow'
import { ensureFolder } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions, checkPath } from '../options.ts'
import { readAboutFile, writeAboutFile } from './about-file.ts'
import { CURRENT, namedOrCurrent, readCurrent, writeCurrent } from './current-version.ts'
import { checkedSchema, checkVersion } from './checks.ts'
import { lanceStore } from './lance-store.ts'
import { OWN } from './lance-sql.ts'
import { optionalPackage } from '../optional-package.ts'
import type { VectorDatabase, VectorSchema, VectorStore } from './vector-store.ts'

export interface LanceOptions {
  /** Rows from which `optimize`, and so `publishVectors`, makes an index (IVF); all are scored below. From 1; default 50,000. */
  readonly indexFrom?: number
  /** Share of the index's parts that a search looks into, above 0 and at most 1; into more where these have fewer rows than are asked for. Default 0.2. */
  readonly probes?: number
}

/** Where our schema is in a table's. */
const SCHEMA = 'ensuite'

/**
 * Versions in a folder of LanceDB, a table each, which other processes may read. Needs the packages `@lancedb/lancedb` and `apache-arrow`.
 * Writing is slow (some 10 ms a call): give many rows at once. Throws `OPTION_UNKNOWN`, `OPTION_INVALID`.
 */
export function lanceVectors(folder: string, options: LanceOptions = {}): VectorDatabase {
  checkPath('lanceVectors', folder)
  checkOptions('lanceVectors', options, ['indexFrom', 'probes'])
  const { indexFrom = 50_000, probes = 0.2 } = options
  checkNumber('lanceVectors: indexFrom', indexFrom, { integer: true, min: 1 })
  checkNumber('lanceVectors: probes', probes, { above: 0, max: 1 })
  let connected: Promise<Lance.Connection> | undefined
  const connect = async (): Promise<Lance.Connection> => {
    const { connect: open } = await optionalPackage<typeof Lance>('@lancedb/lancedb', 'This vector store')
    await ensureFolder(folder)
    return open(folder)
  }
  let isClosed = false
  const checkOpen = (): void => {
    if (isClosed)
      throw new EnsuiteError('CLOSED', `The vector stores in ${folder} have been closed. Open them again.`)
  }
  const database = async (): Promise<Lance.Connection> => {
    checkOpen()
    return (connected ??= connect().catch((error: unknown) => {
      // What failed is tried again by the next call.
      connected = undefined
      throw error
    }))
  }
  const opened = new Set<VectorStore>()
  /** No version's name has a dot, so that each has a file of its own, and none that of the version in use. */
  const manifest = (version: string): string =>
    join(folder, version === CURRENT ? `${version}.about.json` : `${version}.json`)

  /** The connection, where it has this version. */
  const holding = async (version: string): Promise<Lance.Connection> => {
    checkVersion(version)
    const own = await database()
    if (!(await own.tableNames()).includes(version))
      throw new EnsuiteError('STORE_MISSING', `There is no version '${version}' in ${folder}.`)
    return own
  }
  const tableOf = async (version: string): Promise<Lance.Table> => {
    const own = await holding(version)
    return damaged(folder, version, () => own.openTable(version))
  }
  const schemaOf = async (version: string, table: Lance.Table): Promise<Required<VectorSchema>> => {
    const metadata = (await table.schema()).metadata.get(SCHEMA)
    return damagedSync(folder, version, () => checkedSchema(JSON.parse(metadata!) as VectorSchema))
  }
  const storeOf = async (version: string, table: Lance.Table): Promise<VectorStore> => {
    const schema = await schemaOf(version, table)
    const store = lanceStore(table, schema, { indexFrom, probes, onClose: () => opened.delete(store) })
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
      const arrow = await optionalPackage<typeof Arrow>('apache-arrow', 'This vector store')
      return storeOf(version, await own.createEmptyTable(version, arrowSchema(arrow, full)))
    },
    open: async (version) => {
      checkOpen()
      const name = await namedOrCurrent(folder, version)
      return storeOf(name, await tableOf(name))
    },
    current: async () => {
      checkOpen()
      return (await readCurrent(folder))?.version
    },
    use: async (version) => {
      await tableOf(version)
      await writeCurrent(folder, { version })
    },
    describe: async (version, about) => {
      await tableOf(version)
      await writeAboutFile(manifest(version), version, about)
    },
    about: async (version) => {
      await tableOf(version)
      return readAboutFile(manifest(version), version)
    },
    versions: async () => (await (await database()).tableNames()).toSorted(),
    remove: async (version) => {
      const own = await holding(version)
      if ((await readCurrent(folder))?.version === version)
        throw new EnsuiteError(
          'STORE_IN_USE',
          `Version '${version}' in ${folder} is in use. Take another one into use first.`,
        )
      await own.dropTable(version)
      await rm(join(folder, `${version}.lance`), { recursive: true, force: true })
      await rm(manifest(version), { force: true })
    },
    close: async () => {
      isClosed = true
      for (const store of [...opened]) await store.close()
      const own = connected
      connected = undefined
      ;(await own?.catch(() => undefined))?.close()
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
