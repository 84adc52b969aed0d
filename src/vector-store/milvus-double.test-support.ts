import { createRequire } from 'node:module'
import * as grpc from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import { doubleFilter, type DoubleRow, type DoubleTest } from './milvus-double-filter.test-support.ts'

/** A stand-in for a Milvus server, for places where none can be installed: what this package calls, over gRPC, by the SDK's own protocol. It finds by scoring every row. */
export interface MilvusDouble {
  /** `host:port`. */
  readonly address: string
  readonly close: () => void
}

type Message = Readonly<Record<string, unknown>>
interface Pair {
  readonly key: string
  readonly value: string
}
interface Field {
  readonly name: string
  readonly data_type: string
  readonly is_primary_key: boolean
  readonly type_params: readonly Pair[]
}
interface Collection {
  readonly name: string
  readonly id: number
  readonly fields: readonly Field[]
  readonly schema: Message
  readonly properties: Map<string, string>
  readonly rows: Map<string, DoubleRow>
  metric?: string
  loaded: boolean
}
interface FieldData {
  readonly field_name: string
  readonly scalars?: Readonly<Record<string, { readonly data: readonly unknown[] }>>
  readonly vectors?: { readonly dim: number; readonly float_vector: { readonly data: readonly number[] } }
}
interface Request {
  readonly collection_name: string
  readonly alias: string
  readonly schema: Uint8Array
  readonly extra_params: readonly Pair[]
  readonly properties: readonly Pair[]
  readonly fields_data: readonly FieldData[]
  readonly num_rows: number
  readonly expr: string
  readonly dsl: string
  readonly nq: number
  readonly placeholder_group: Uint8Array
  readonly output_fields: readonly string[]
  readonly query_params: readonly Pair[]
  readonly search_params: readonly Pair[]
  readonly expr_template_values: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const SERVICE = 'milvus.proto.milvus.MilvusService'
/** Rows that a server gives in one answer at most. */
const MOST = 16_384
/** By a field's type: its values in a message, and what they are in JavaScript. */
const scalars: Readonly<Record<string, readonly [name: string, type: string]>> = {
  VarChar: ['string_data', 'string'],
  Double: ['double_data', 'number'],
  Bool: ['bool_data', 'boolean'],
}
const ok = { error_code: 'Success', code: 0, reason: '' }

const { default: protocol } = createRequire(import.meta.url)(
  '@zilliz/milvus2-sdk-node/dist/milvus/proto-json/milvus.js',
) as { readonly default: protobuf.INamespace }

/** Starts one on a free port. `version`: what it says that it is; from 2.5 on filters come as templates. */
export async function milvusDouble(version: string): Promise<MilvusDouble> {
  const root = protobuf.Root.fromJSON(protocol)
  const decoded = (type: string, bytes: Uint8Array): Message => {
    const found = root.lookupType(type)
    return found.toObject(found.decode(bytes), { longs: Number, enums: String, defaults: true, oneofs: true })
  }
  const handlers = handlersOf(version, decoded)
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 })
  for (const [name, handle] of Object.entries(handlers)) {
    const method = root.lookupService(SERVICE).methods[name]!
    method.resolve()
    const [request, response] = [method.resolvedRequestType!, method.resolvedResponseType!]
    const said = (status: Message, rest: Message = {}): Message =>
      response.name === 'Status' ? status : { status, ...rest }
    server.addService(
      {
        [name]: {
          path: `/${SERVICE}/${name}`,
          requestStream: false,
          responseStream: false,
          requestSerialize: () => Buffer.alloc(0),
          requestDeserialize: (bytes: Buffer) => decoded(request.fullName, bytes),
          responseSerialize: (answer: Message) =>
            Buffer.from(response.encode(response.fromObject(answer)).finish()),
          responseDeserialize: () => undefined,
        },
      },
      {
        [name]: ((call, answer) => {
          try {
            answer(null, said(ok, handle(call.request)))
          } catch (error) {
            answer(null, said({ error_code: 'UnexpectedError', code: 1, reason: (error as Error).message }))
          }
        }) satisfies grpc.handleUnaryCall<Request, Message>,
      },
    )
  }
  const port = await new Promise<number>((bound, failed) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, found) => {
      if (error === null) bound(found)
      else failed(error)
    })
  })
  return {
    address: `127.0.0.1:${port}`,
    close: () => {
      server.forceShutdown()
    },
  }
}

function handlersOf(
  version: string,
  decoded: (type: string, bytes: Uint8Array) => Message,
): Readonly<Record<string, (request: Request) => Message>> {
  const collections = new Map<string, Collection>()
  const aliases = new Map<string, string>()
  let count = 0
  const find = (name: string): Collection | undefined => collections.get(aliases.get(name) ?? name)
  const there = ({ collection_name: name }: Pick<Request, 'collection_name'>): Collection => {
    const found = find(name)
    if (found === undefined) throw new Error(`collection not found[collection=${name}]`)
    return found
  }
  const loaded = (request: Request): Collection => {
    const found = there(request)
    if (!found.loaded) throw new Error(`collection not loaded[collection=${found.name}]`)
    return found
  }
  const matching = ({ fields, rows }: Collection, text: string, request: Request): readonly DoubleRow[] => {
    const types = Object.fromEntries(
      fields.flatMap(({ name, data_type }) => (scalars[data_type] ? [[name, scalars[data_type][1]]] : [])),
    )
    const templates = Object.fromEntries(
      Object.entries(request.expr_template_values).map(([name, each]) => [name, each[each['val'] as string]]),
    )
    const test: DoubleTest = doubleFilter(text, { types, templates })
    return [...rows.values()].filter(test)
  }
  const alias = ({ alias: name, collection_name }: Request, isThere: boolean): Message => {
    if (aliases.has(name) !== isThere) throw new Error(`alias ${name} is ${isThere ? 'not ' : ''}there`)
    aliases.set(name, there({ collection_name }).name)
    return {}
  }
  return {
    Connect: () => ({ server_info: { build_tags: version }, identifier: 1 }),
    GetVersion: () => ({ version }),
    HasCollection: ({ collection_name }) => ({ value: find(collection_name) !== undefined }),
    ShowCollections: () => ({
      collection_names: [...collections.keys()],
      collection_ids: [...collections.values()].map(({ id }) => id),
    }),
    CreateCollection: ({ collection_name: name, schema: bytes, properties }) => {
      if (find(name) !== undefined) throw new Error(`collection ${name} is there already`)
      const schema = decoded('milvus.proto.schema.CollectionSchema', bytes)
      const fields = schema['fields'] as readonly Field[]
      collections.set(name, {
        ...{ name, id: ++count, fields, loaded: false, rows: new Map() },
        schema: { ...schema, name },
        properties: new Map(properties.map(({ key, value }) => [key, value])),
      })
      return {}
    },
    DropCollection: ({ collection_name: name }) => {
      if ([...aliases.values()].includes(name)) throw new Error(`collection ${name} has an alias`)
      collections.delete(there({ collection_name: name }).name)
      return {}
    },
    DescribeCollection: (request) => {
      const { schema, id, properties } = there(request)
      return {
        schema,
        collectionID: id,
        // An alias is said back, as Milvus 2.3 does.
        collection_name: request.collection_name,
        aliases: [...aliases].flatMap(([name, of]) => (of === schema['name'] ? [name] : [])),
        properties: Array.from(properties, ([key, value]) => ({ key, value })),
      }
    },
    AlterCollection: (request) => {
      for (const { key, value } of request.properties) there(request).properties.set(key, value)
      return {}
    },
    CreateAlias: (request) => alias(request, false),
    AlterAlias: (request) => alias(request, true),
    DescribeAlias: ({ alias: name }) => {
      if (!aliases.has(name)) throw new Error(`alias ${name} is not there`)
      return { alias: name, collection: aliases.get(name) }
    },
    CreateIndex: (request) => {
      there(request).metric = paramOf(request.extra_params, 'metric_type')
      return {}
    },
    DescribeIndex: (request) => {
      const { metric, rows } = there(request)
      if (metric === undefined) throw new Error('index not found')
      return {
        index_descriptions: [
          {
            ...{ index_name: 'vector', field_name: 'vector', state: 'Finished' },
            ...{ indexed_rows: rows.size, total_rows: rows.size },
            params: [{ key: 'metric_type', value: metric }],
          },
        ],
      }
    },
    LoadCollection: (request) => {
      const found = there(request)
      if (found.metric === undefined) throw new Error('there is no vector index')
      found.loaded = true
      return {}
    },
    GetLoadingProgress: (request) => ({ progress: there(request).loaded ? 100 : 0 }),
    Flush: () => ({ coll_segIDs: {} }),
    GetFlushState: () => ({ flushed: true }),
    Insert: (request) => written(there(request), request, { replaces: false }),
    Upsert: (request) => written(there(request), request, { replaces: true }),
    Delete: (request) => {
      const collection = loaded(request)
      const found = matching(collection, request.expr, request)
      for (const row of found) collection.rows.delete(row['id'] as string)
      return { delete_cnt: found.length, IDs: idsOf(found) }
    },
    Query: (request) => {
      const collection = loaded(request)
      const found = matching(collection, request.expr, request)
      if (request.output_fields.join() === 'count(*)')
        return {
          fields_data: [
            { type: 'Int64', field_name: 'count(*)', scalars: { long_data: { data: [found.length] } } },
          ],
          output_fields: ['count(*)'],
        }
      const limit = limitOf(request.query_params, 'limit')
      const rows = found.slice(0, limit)
      return { fields_data: columnsOf(collection, rows, request), output_fields: request.output_fields }
    },
    Search: (request) => {
      const collection = loaded(request)
      const rows = matching(collection, request.dsl, request)
      const limit = limitOf(request.search_params, 'topk')
      const { placeholders } = decoded('milvus.proto.common.PlaceholderGroup', request.placeholder_group)
      const [{ values }] = placeholders as readonly [{ readonly values: readonly Uint8Array[] }]
      const found = values.map((bytes) => nearest(collection, rows, floatsOf(bytes)).slice(0, limit))
      const all = found.flat()
      return {
        results: {
          ...{ num_queries: values.length, top_k: limit, primary_field_name: 'id' },
          topks: found.map(({ length }) => length),
          scores: all.map(({ score }) => score),
          ids: idsOf(all.map(({ row }) => row)),
          fields_data: columnsOf(
            collection,
            all.map(({ row }) => row),
            request,
          ),
          output_fields: request.output_fields,
        },
        collection_name: collection.name,
      }
    },
  }
}

const paramOf = (params: readonly Pair[], key: string): string => {
  const found = params.find((each) => each.key === key)
  if (found === undefined) throw new Error(`${key} is not given`)
  return found.value
}

function limitOf(params: readonly Pair[], key: string): number {
  const limit = Number(paramOf(params, key))
  if (limit >= 1 && limit <= MOST) return limit
  throw new Error(`${key} should be in range [1, ${MOST}], but got ${limit}`)
}

const idsOf = (rows: readonly DoubleRow[]): Message => ({ str_id: { data: rows.map((row) => row['id']) } })

/** Takes rows in, all of them or none. */
function written(
  { fields, rows }: Collection,
  { fields_data: columns, num_rows: count }: Request,
  { replaces }: { readonly replaces: boolean },
): Message {
  const fresh = Array.from({ length: count }, (): Record<string, unknown> => ({}))
  for (const { name, data_type: type, type_params: params } of fields) {
    const column = columns.find((each) => each.field_name === name)
    if (column === undefined) throw new Error(`field ${name} is missing`)
    for (const [at, row] of fresh.entries()) row[name] = valueAt(column, at, { type, params })
  }
  const ids = fresh.map((row) => row['id'] as string)
  if (new Set(ids).size < count) throw new Error('duplicate primary keys are not allowed in the same batch')
  if (!replaces && ids.some((id) => rows.has(id))) throw new Error('a primary key is there already')
  for (const row of fresh) rows.set(row['id'] as string, row)
  return { IDs: idsOf(fresh), [replaces ? 'upsert_cnt' : 'insert_cnt']: count }
}

function valueAt(
  { field_name: name, scalars: values, vectors }: FieldData,
  at: number,
  { type, params }: { readonly type: string; readonly params: readonly Pair[] },
): unknown {
  if (type === 'FloatVector') {
    const dim = Number(paramOf(params, 'dim'))
    const own = vectors?.float_vector.data.slice(at * dim, (at + 1) * dim)
    if (vectors?.dim !== dim || own?.length !== dim) throw new Error(`${name} should have dimension ${dim}`)
    return own.map(Math.fround)
  }
  const value = values?.[scalars[type]![0]]?.data[at]
  if (typeof value !== scalars[type]![1]) throw new Error(`${name} should be ${type}`)
  if (type === 'VarChar' && Buffer.byteLength(value as string) > Number(paramOf(params, 'max_length')))
    throw new Error(`length of ${name} exceeds max length`)
  return value
}

function columnsOf(
  { fields }: Collection,
  rows: readonly DoubleRow[],
  { output_fields: names }: Request,
): readonly Message[] {
  return names.map((name) => {
    const field = fields.find((each) => each.name === name)
    if (field === undefined) throw new Error(`field ${name} not exist`)
    const { data_type: type, type_params: params } = field
    const values = rows.map((row) => row[name])
    const common = { type, field_name: name }
    if (type !== 'FloatVector') return { ...common, scalars: { [scalars[type]![0]]: { data: values } } }
    const dim = Number(paramOf(params, 'dim'))
    return { ...common, vectors: { dim, float_vector: { data: values.flat() } } }
  })
}

/** Rows by falling score. */
function nearest(
  { metric }: Collection,
  rows: readonly DoubleRow[],
  query: readonly number[],
): readonly { readonly row: DoubleRow; readonly score: number }[] {
  const dot = (one: readonly number[], other: readonly number[]): number =>
    one.reduce((sum, value, at) => sum + value * other[at]!, 0)
  const scored = rows.map((row) => {
    const vector = row['vector'] as readonly number[]
    if (vector.length !== query.length) throw new Error(`vector dimension mismatch: ${query.length}`)
    const lengths = metric === 'COSINE' ? Math.hypot(...vector) * Math.hypot(...query) : 1
    return { row, score: dot(vector, query) / lengths }
  })
  return scored.sort((one, other) => other.score - one.score)
}

const floatsOf = (bytes: Uint8Array): readonly number[] => [...new Float32Array(new Uint8Array(bytes).buffer)]
