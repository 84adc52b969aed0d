import type * as Milvus from '@zilliz/milvus2-sdk-node'
import { EnsuiteError } from '../errors.ts'
import { checkChoice, checkNumber, checkOptions } from '../options.ts'
import { checkedSchema, checkIds, checkRows, checkSearch, checkVersion, isVersion } from './checks.ts'
import { conditionText, type VectorFilter } from './filter.ts'
import { milvusText } from './milvus-text.ts'
import { optionalPackage } from './optional-package.ts'
import type {
  AttributeType,
  AttributeValue,
  Found,
  VectorDatabase,
  VectorRow,
  VectorSchema,
  VectorStore,
} from './vector-store.ts'

export interface MilvusOptions {
  /** `host:port` of a server, or the address of a Zilliz Cloud. */
  readonly address: string
  /** What the versions are of: collections are called `<name>__<version>`, and the alias `<name>` is the version in use. Small letters, digits and single _; a letter first. */
  readonly name: string
  /** Of Zilliz Cloud, or `user:password`. */
  readonly token?: string
  readonly username?: string
  readonly password?: string
  /** Whether the connection is encrypted; default: where `tls` is given, or the address starts with https. */
  readonly ssl?: boolean
  /** Paths of certificates, as the SDK has them. */
  readonly tls?: {
    readonly rootCertPath?: string
    readonly privateKeyPath?: string
    readonly certChainPath?: string
    readonly serverName?: string
  }
  readonly database?: string
  /** `strong`: a search sees all that was answered before, the default; `bounded`: what is some seconds old, several times as fast; `session`, `eventually`. */
  readonly consistency?: 'strong' | 'bounded' | 'session' | 'eventually'
  /** Milliseconds after which a call fails; default 10,000. */
  readonly timeoutMs?: number
  /** Of the index (HNSW): neighbours of a row, and rows that are looked at when one is added. Default 16 and 200. */
  readonly connectivity?: number
  readonly expansionAdd?: number
  /** Rows that are looked at for a query, at least; default 128. */
  readonly expansionSearch?: number
}

const known = [
  ...['address', 'name', 'token', 'username', 'password', 'ssl', 'tls', 'database', 'consistency'],
  ...['timeoutMs', 'connectivity', 'expansionAdd', 'expansionSearch'],
]
const NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/
const levels = { strong: 0, session: 1, bounded: 2, eventually: 3 } as const
/** Before the names of attributes, none of which is a word of the server's language then. */
const OWN = 'a_'
const LONGEST_ID = 512
const LONGEST_TEXT = 1000
/** Rows, or ids, of a call. */
const BLOCK = 1000

type Client = Milvus.MilvusClient

/**
 * Versions in a Milvus server or a Zilliz Cloud, a collection each; an alias says which one is in use, and is moved at once. Needs the package `@zilliz/milvus2-sdk-node`. Seen working with Milvus 2.3.5
 * and Milvus Lite 3.2. Filters go to the server as text, in which values from outside are only ever literals.
 */
export function milvusVectors(options: MilvusOptions): VectorDatabase {
  const settings = checked(options)
  const { name } = settings
  let connecting: Promise<Client> | undefined
  const client = (): Promise<Client> =>
    (connecting ??= connect(settings).catch((cause: unknown) => {
      connecting = undefined
      throw cause
    }))
  const call = async <Answer>(what: string, work: (own: Client) => Promise<Answer>): Promise<Answer> =>
    answered(what, settings, async () => work(await client()))
  const collection = (version: string): string => `${name}__${version}`
  const versionsThere = async (): Promise<readonly string[]> => {
    const { data } = await call('list the versions', (own) => own.showCollections())
    return data
      .map((each) => each.name.split('__'))
      .flatMap(([of, version, ...rest]) =>
        of === name && isVersion(version) && rest.length === 0 ? [version] : [],
      )
      .toSorted()
  }
  const inUse = async (): Promise<string | undefined> => {
    const own = await client()
    const there = await own.hasCollection({ collection_name: name })
    const failed = there.status.error_code !== 'Success'
    if (failed || there.value !== true) return undefined
    const { schema, collection_name: said } = await call('find the version in use', (to) =>
      to.describeCollection({ collection_name: name }),
    )
    // Milvus 2.3 says the alias back, and the collection in its schema; Milvus Lite says the collection.
    const full = schema.name.startsWith(`${name}__`) ? schema.name : said
    return full.startsWith(`${name}__`) ? full.slice(name.length + 2) : undefined
  }
  const checkThere = async (version: string): Promise<void> => {
    checkVersion(version)
    if (!(await versionsThere()).includes(version))
      throw new EnsuiteError(
        'STORE_MISSING',
        `There is no version '${version}' of '${name}' at ${settings.address}.`,
      )
  }
  const opened = new Set<VectorStore>()
  const storeOf = (version: string, schema: Required<VectorSchema>): VectorStore => {
    const store: VectorStore = milvusStore(call, collection(version), {
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
          `There is a version '${version}' of '${name}' at ${settings.address}. Remove it first, or choose another name.`,
        )
      const { DataType } = await optionalPackage<typeof Milvus>('@zilliz/milvus2-sdk-node')
      const collection_name = collection(version)
      await call('make a collection', (own) =>
        own.createCollection({
          collection_name,
          consistency_level: levels[settings.consistency] as never,
          fields: fieldsOf(DataType, full),
        }),
      )
      await call('make an index', (own) =>
        own.createIndex({
          collection_name,
          field_name: 'vector',
          index_type: 'HNSW',
          metric_type: full.similarity === 'dot' ? 'IP' : 'COSINE',
          params: { M: settings.connectivity, efConstruction: settings.expansionAdd },
        }),
      )
      await call('load the collection', (own) => own.loadCollectionSync({ collection_name }))
      return storeOf(version, full)
    },
    open: async (version) => {
      const wanted = version ?? (await inUse())
      if (wanted === undefined)
        throw new EnsuiteError(
          'STORE_MISSING',
          `No version of '${name}' at ${settings.address} is in use. Name one, or take one into use.`,
        )
      await checkThere(wanted)
      const collection_name = collection(wanted)
      const { schema } = await call('describe the collection', (own) =>
        own.describeCollection({ collection_name }),
      )
      await call('load the collection', (own) => own.loadCollectionSync({ collection_name }))
      const { index_descriptions: indices } = await call('describe the index', (own) =>
        own.describeIndex({ collection_name }),
      )
      const metric = indices.flatMap(({ params }) => params).find(({ key }) => key === 'metric_type')?.value
      return storeOf(wanted, schemaOf(schema.fields, metric, wanted))
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
      const own = await connecting?.catch(() => undefined)
      connecting = undefined
      await own?.closeConnection()
    },
  })
}

type Settings = MilvusOptions &
  Required<
    Pick<MilvusOptions, 'consistency' | 'timeoutMs' | 'connectivity' | 'expansionAdd' | 'expansionSearch'>
  >

function checked(options: MilvusOptions): Settings {
  const where = 'milvusVectors'
  checkOptions(where, options, known)
  const settings = {
    ...{
      consistency: 'strong' as const,
      timeoutMs: 10_000,
      connectivity: 16,
      expansionAdd: 200,
      expansionSearch: 128,
    },
    ...options,
  }
  if (typeof options.address !== 'string' || options.address === '')
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}: address must be host:port, or the address of a Zilliz Cloud.`,
    )
  if (typeof options.name !== 'string' || !NAME.test(options.name) || options.name.length > 100)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}: name must be of small letters, digits and single _, a letter first, at most 100.`,
    )
  checkChoice(`${where}: consistency`, settings.consistency, Object.keys(levels))
  checkNumber(`${where}: timeoutMs`, settings.timeoutMs, { integer: true, min: 1, max: 3_600_000 })
  for (const option of ['connectivity', 'expansionAdd', 'expansionSearch'] as const)
    checkNumber(`${where}: ${option}`, settings[option], { integer: true, min: 2, max: 32_768 })
  return settings
}

async function connect({
  address,
  token,
  username,
  password,
  ssl,
  tls,
  database,
  timeoutMs,
}: Settings): Promise<Client> {
  const { MilvusClient } = await optionalPackage<typeof Milvus>('@zilliz/milvus2-sdk-node')
  const client = new MilvusClient({
    address,
    timeout: timeoutMs,
    // It tells what it sends, vectors and all.
    logLevel: 'error',
    ...(token !== undefined && { token }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ssl !== undefined && { ssl }),
    ...(tls !== undefined && { tls }),
    ...(database !== undefined && { database }),
  })
  await client.connectPromise
  return client
}

interface Status {
  readonly error_code: string
  readonly reason: string
}

/** Of what the server answers; what it refuses, and what does not answer, is `STORE_UNAVAILABLE`. Neither address nor token is more than its own in the message. */
async function answered<Answer>(
  what: string,
  { address }: Settings,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const failed = (why: string, cause?: unknown): EnsuiteError =>
    new EnsuiteError('STORE_UNAVAILABLE', `Milvus at ${address} did not ${what}: ${why.slice(0, 300)}`, {
      cause,
    })
  let answer: Answer
  try {
    answer = await work()
  } catch (cause) {
    if (cause instanceof EnsuiteError) throw cause
    throw failed((cause as Error).message, cause)
  }
  const status = ((answer as { readonly status?: Status } | undefined)?.status ?? answer) as
    Partial<Status> | undefined
  if (status?.error_code !== undefined && status.error_code !== 'Success')
    throw failed(`${status.error_code} ${status.reason ?? ''}`)
  return answer
}

function fieldsOf(DataType: typeof Milvus.DataType, schema: Required<VectorSchema>): Milvus.FieldType[] {
  const types = {
    text: { data_type: DataType.VarChar, max_length: LONGEST_TEXT },
    number: { data_type: DataType.Double },
    boolean: { data_type: DataType.Bool },
  }
  return [
    { name: 'id', data_type: DataType.VarChar, is_primary_key: true, autoID: false, max_length: LONGEST_ID },
    { name: 'vector', data_type: DataType.FloatVector, dim: schema.dimensions },
    ...Object.entries(schema.attributes).map(([name, type]) => ({ name: `${OWN}${name}`, ...types[type] })),
  ]
}

const attributeTypes: Readonly<Record<string, AttributeType>> = {
  VarChar: 'text',
  Double: 'number',
  Bool: 'boolean',
}

/** What a collection says of itself: its fields, and the metric of its index. */
function schemaOf(
  fields: readonly Milvus.FieldSchema[],
  metric: unknown,
  version: string,
): Required<VectorSchema> {
  try {
    const vector = fields.find(({ name }) => name === 'vector')
    const dimensions = Number(vector?.type_params.find(({ key }) => key === 'dim')?.value)
    const own = fields.filter(({ name }) => name.startsWith(OWN))
    const attributes = Object.fromEntries(
      own.map(({ name, data_type }) => [name.slice(OWN.length), attributeTypes[data_type]!]),
    )
    return checkedSchema({ dimensions, similarity: metric === 'IP' ? 'dot' : 'cosine', attributes })
  } catch (cause) {
    throw new EnsuiteError(
      'STORE_DAMAGED',
      `The collection of version '${version}' was not made by this package: ${(cause as Error).message} Fill a new one.`,
      { cause },
    )
  }
}

interface StoreParts {
  readonly schema: Required<VectorSchema>
  readonly settings: Settings
  readonly onClose: () => void
}

type Call = <Answer>(what: string, work: (own: Client) => Promise<Answer>) => Promise<Answer>

function milvusStore(
  call: Call,
  collection_name: string,
  { schema, settings, onClose }: StoreParts,
): VectorStore {
  const consistency_level = levels[settings.consistency] as never
  const names = Object.keys(schema.attributes)
  const fields = ['id', 'vector', ...names.map((name) => `${OWN}${name}`)]
  let isClosed = false
  const checkOpen = (): void => {
    if (isClosed) throw new EnsuiteError('CLOSED', 'This vector store has been closed. Open it again.')
  }
  const condition = (filter: VectorFilter): string => conditionText(filter, schema, dialect)
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
      const middle = milvusText(data[Math.floor(Math.random() * data.length)]!['id'] as string)
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
            collection_name,
            filter: oneOf(some),
            output_fields: fields,
            limit: BLOCK,
            consistency_level,
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
          ...(filter !== undefined && { filter: condition(filter) }),
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
      const expression = filter === undefined ? '' : condition(filter)
      const { data } = await call('count', (own) =>
        own.query({ collection_name, filter: expression, output_fields: ['count(*)'], consistency_level }),
      )
      return Number(data[0]?.['count(*)'] ?? 0)
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

const dialect = {
  equals: '==',
  literal: (value: AttributeValue) => (typeof value === 'string' ? milvusText(value) : String(value)),
  truth: ['(id == "")', '(id != "")'],
  name: (attribute: string) => `${OWN}${attribute}`,
} as const

const oneOf = (ids: readonly string[]): string => `id in [${ids.map(milvusText).join(', ')}]`
