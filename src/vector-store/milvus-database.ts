import { EnsuiteError } from '../errors.ts'
import { checkedSchema, checkVersion, isVersion } from './checks.ts'
import { readAbout, writeAbout } from './milvus-about.ts'
import { createCollection, openCollection } from './milvus-collection.ts'
import { milvusConnection } from './milvus-connection.ts'
import { milvusSettings, type MilvusOptions } from './milvus-options.ts'
import { milvusStore } from './milvus-store.ts'
import type { VectorDatabase, VectorSchema, VectorStore } from './vector-store.ts'

/**
 * Versions in a Milvus server or a Zilliz Cloud, a collection each; an alias says which one is in use, and is moved at once. Needs the package `@zilliz/milvus2-sdk-node`. Seen working with Milvus 2.3.5
 * and Milvus Lite 3.2. Values in filters travel beside their text where the server has templates (from 2.5), and are escaped literals elsewhere.
 */
export function milvusVectors(options: MilvusOptions): VectorDatabase {
  const settings = milvusSettings(options)
  const { name, address } = settings
  const connection = milvusConnection(settings)
  const { call } = connection
  const prefix = `${name}__`
  const collection = (version: string): string => `${prefix}${version}`
  const namesThere = async (): Promise<readonly string[]> =>
    (await call('list the versions', (own) => own.showCollections())).data.map((each) => each.name)
  const versionsThere = async (): Promise<readonly string[]> =>
    (await namesThere())
      .filter((each) => each.startsWith(prefix))
      .map((each) => each.slice(prefix.length))
      .filter(isVersion)
      .toSorted()
  const inUse = async (): Promise<string | undefined> => {
    const there = await call('find the version in use', (own) => own.hasCollection({ collection_name: name }))
    if (there.value !== true) return undefined
    const { schema, collection_name: said } = await call('find the version in use', (own) =>
      own.describeCollection({ collection_name: name }),
    )
    // Milvus 2.3 says the alias back, and the collection in its schema; Milvus Lite says the collection.
    const full = schema.name.startsWith(prefix) ? schema.name : said
    return full.startsWith(prefix) ? full.slice(prefix.length) : undefined
  }
  const checkThere = async (version: string): Promise<void> => {
    checkVersion(version)
    if (!(await versionsThere()).includes(version))
      throw new EnsuiteError('STORE_MISSING', `There is no version '${version}' of '${name}' at ${address}.`)
  }
  const opened = new Set<VectorStore>()
  const storeOf = (version: string, schema: Required<VectorSchema>): VectorStore => {
    const store: VectorStore = milvusStore(connection, collection(version), {
      schema,
      settings,
      onClose: () => opened.delete(store),
    })
    opened.add(store)
    return store
  }
  return Object.freeze<VectorDatabase>({
    create: async (version, schema) => {
      checkVersion(version)
      const full = checkedSchema(schema)
      if ((await versionsThere()).includes(version))
        throw new EnsuiteError(
          'STORE_EXISTS',
          `There is a version '${version}' of '${name}' at ${address}. Remove it first, or choose another name.`,
        )
      await createCollection(call, collection(version), { schema: full, settings })
      return storeOf(version, full)
    },
    open: async (version) => {
      const wanted = version ?? (await inUse())
      if (wanted === undefined)
        throw new EnsuiteError(
          'STORE_MISSING',
          `No version of '${name}' at ${address} is in use. Name one, or take one into use.`,
        )
      await checkThere(wanted)
      return storeOf(wanted, await openCollection(call, collection(wanted), settings))
    },
    current: inUse,
    use: async (version) => {
      await checkThere(version)
      const alias = { collection_name: collection(version), alias: name }
      const isNew = (await inUse()) === undefined
      await call('take the version into use', (own) =>
        isNew ? own.createAlias(alias) : own.alterAlias(alias),
      )
    },
    versions: versionsThere,
    describe: async (version, about) => {
      await checkThere(version)
      await writeAbout(call, collection(version), about)
    },
    about: async (version) => {
      await checkThere(version)
      return readAbout(call, collection(version))
    },
    remove: async (version) => {
      await checkThere(version)
      if ((await inUse()) === version)
        throw new EnsuiteError(
          'STORE_IN_USE',
          `Version '${version}' of '${name}' is in use. Take another one into use first.`,
        )
      await call('drop the collection', (own) => own.dropCollection({ collection_name: collection(version) }))
    },
    close: async () => {
      for (const store of [...opened]) await store.close()
      await connection.close()
    },
  })
}
