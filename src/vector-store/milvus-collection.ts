import type * as Milvus from '@zilliz/milvus2-sdk-node'
import { setTimeout } from 'node:timers/promises'
import { EnsuiteError } from '../errors.ts'
import { checkedSchema, LONGEST_ID, LONGEST_TEXT } from './checks.ts'
import type { MilvusCall } from './milvus-connection.ts'
import { consistencyLevels, type MilvusSettings } from './milvus-options.ts'
import { optionalPackage } from '../optional-package.ts'
import type { AttributeType, VectorSchema } from './vector-store.ts'

const INDEX_POLL_MS = 200

/** Before the names of attributes, none of which is a word of the server's language then. */
export const OWN = 'a_'

const attributeTypes: Readonly<Record<string, AttributeType>> = {
  VarChar: 'text',
  Double: 'number',
  Bool: 'boolean',
}

/** Makes a collection of a schema with its index, and loads it. */
export async function createCollection(
  call: MilvusCall,
  collection_name: string,
  { schema, settings }: { readonly schema: Required<VectorSchema>; readonly settings: MilvusSettings },
): Promise<void> {
  const { DataType } = await optionalPackage<typeof Milvus>('@zilliz/milvus2-sdk-node', 'This vector store')
  await call('make a collection', (own) =>
    own.createCollection({
      collection_name,
      // The SDK's type has the names, and its code the numbers.
      consistency_level: consistencyLevels[settings.consistency] as never,
      fields: fieldsOf(DataType, schema),
    }),
  )
  await call('make an index', (own) =>
    own.createIndex({
      collection_name,
      field_name: 'vector',
      index_type: 'HNSW',
      metric_type: schema.similarity === 'dot' ? 'IP' : 'COSINE',
      params: { M: settings.connectivity, efConstruction: settings.expansionAdd },
    }),
  )
  await loadCollection(call, collection_name, settings)
}

/** Loads a collection that is there, and says its schema. Throws `STORE_DAMAGED` for one that this package has not made. */
export async function openCollection(
  call: MilvusCall,
  collection_name: string,
  settings: MilvusSettings,
): Promise<Required<VectorSchema>> {
  const { schema } = await call('describe the collection', (own) =>
    own.describeCollection({ collection_name }),
  )
  const { index_descriptions: indices } = await call('describe the index', (own) =>
    own.describeIndex({ collection_name }),
  )
  const metric = indices.flatMap(({ params }) => params).find(({ key }) => key === 'metric_type')?.value
  const known = schemaOf(schema.fields, metric, collection_name)
  await loadCollection(call, collection_name, settings)
  return known
}

/** Waits until what was written is in the index. */
export async function settleCollection(
  call: MilvusCall,
  collection_name: string,
  { loadTimeoutMs }: MilvusSettings,
): Promise<void> {
  await call(
    'finish its index',
    async (own) => {
      const flushed = await own.flushSync({ collection_names: [collection_name] })
      // Nobody waits for it any more then.
      for (const until = Date.now() + loadTimeoutMs; ;) {
        const answer = await own.describeIndex({ collection_name })
        const waiting = answer.index_descriptions.some(({ state }) => state === 'InProgress')
        if (answer.status.error_code !== 'Success' || !waiting || Date.now() > until)
          return { ...flushed, status: answer.status }
        await setTimeout(INDEX_POLL_MS)
      }
    },
    loadTimeoutMs,
  )
}

const loadCollection = (
  call: MilvusCall,
  collection_name: string,
  { timeoutMs, loadTimeoutMs }: MilvusSettings,
): Promise<unknown> =>
  call(
    'load the collection',
    (own) => own.loadCollectionSync({ collection_name, timeout: timeoutMs }),
    loadTimeoutMs,
  )

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

/** What a collection says of itself: its fields, and the metric of its index. */
function schemaOf(
  fields: readonly Milvus.FieldSchema[],
  metric: unknown,
  collection: string,
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
      `The collection ${collection} was not made by this package: ${(cause as Error).message} Fill a new version.`,
      { cause },
    )
  }
}
