import { EnsuiteError } from '../errors.ts'
import { checkGiven, checkNumber, checkOptions } from '../options.ts'
import { createRandom } from '../random.ts'
import { checkedSchema, MOST_FOUND } from './checks.ts'
import { measureRecall } from './measure-recall.ts'
import type { VectorDatabase, VectorRow, VectorSchema, VectorStore } from './vector-store.ts'
import { isDigest, type VersionAbout } from './version-about.ts'

export interface PublishOptions {
  readonly schema: VectorSchema
  /** Real queries: states of sessions, or vectors of items where those are searched with. */
  readonly queries: readonly Float32Array[]
  /** How many rows of a query count; default 20. */
  readonly k?: number
  /** Least share of them that must be found; default 0.99. */
  readonly floor?: number
  /** So many queries are drawn, where more are given; default 200. */
  readonly sample?: number
  /** Of the draw; default 1. */
  readonly seed?: number
  /** Of the model whose vectors these are (`embedder.digest`): a server does not search them with sessions of another one. Default: none. */
  readonly model?: string
}

/** Rows of a call. */
const BLOCK = 5000

/**
 * Fills a new version, measures what it finds beside exact search over its rows, writes that into its manifest, and takes it into use where it finds enough: else it rejects with `RECALL_TOO_LOW`,
 * and what was in use stays in use. The refused version is left to be looked at, and to be removed; one that could not be filled is removed. Two rows of one id are refused with `OPTION_INVALID`: which of
 * them is meant, the table does not say.
 */
export async function publishVectors(
  database: VectorDatabase,
  version: string,
  rows: readonly VectorRow[] | AsyncIterable<readonly VectorRow[]>,
  options: PublishOptions,
): Promise<VersionAbout> {
  checkGiven('publishVectors', database, {
    what: 'a database of vectors, such as exactVectors(folder)',
    isGood: typeof (Object(database) as Partial<VectorDatabase>).create === 'function',
  })
  checkGiven('publishVectors: rows', rows, {
    what: 'a list of rows, or lists of them one after the other (an async iterable)',
    isGood: Array.isArray(rows) || Symbol.asyncIterator in (Object(rows) as object),
  })
  const { schema, queries, k, floor, sample, seed, model } = checked(options)
  const store = await database.create(version, schema)
  let about: VersionAbout
  try {
    await fill(store, rows)
    const count = await store.count()
    if (count === 0)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `publishVectors: there are no rows for version '${version}', and an empty version is never taken into use. Look at what makes them.`,
      )
    await store.optimize()
    const asked = drawn(queries, sample, seed)
    const recall = await measureRecall(store, asked, k)
    about = {
      ...{ rows: count, recall, k, queries: asked.length, floor },
      ...(model !== undefined && { model }),
    }
    await store.close()
    await database.describe(version, about)
  } catch (error) {
    // Why it failed is what counts, also where the store does not answer any more.
    await store.close().catch(() => undefined)
    await database.remove(version).catch(() => undefined)
    throw error
  }
  if (about.recall < floor)
    throw new EnsuiteError(
      'RECALL_TOO_LOW',
      `Version '${version}' finds ${(100 * about.recall).toFixed(2)} % of the ${k} best rows that exact search finds, and ${100 * floor} % are asked for. It was not taken into use. ` +
        'Remove it, and publish with a greater expansionSearch, expansionAdd or connectivity (probes, of LanceDB), or with exactVectors.',
    )
  await database.use(version)
  return about
}

function checked(
  options: PublishOptions,
): Required<Omit<PublishOptions, 'model'>> & Pick<PublishOptions, 'model'> {
  const where = 'publishVectors'
  checkOptions(where, options, ['schema', 'queries', 'k', 'floor', 'sample', 'seed', 'model'])
  checkedSchema(options.schema)
  const full = { k: 20, floor: 0.99, sample: 200, seed: 1, ...options }
  checkNumber(`${where}: k`, full.k, { integer: true, min: 1, max: MOST_FOUND })
  checkNumber(`${where}: floor`, full.floor, { min: 0, max: 1 })
  checkNumber(`${where}: sample`, full.sample, { integer: true, min: 1 })
  checkNumber(`${where}: seed`, full.seed, { integer: true, min: 0, max: Number.MAX_SAFE_INTEGER })
  if (full.model !== undefined && !isDigest(full.model))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}: model must be a SHA-256, the digest that loadEmbedder gives.`,
    )
  if (!Array.isArray(full.queries) || full.queries.length === 0)
    throw new EnsuiteError('OPTION_INVALID', `${where}: queries must be vectors, at least one.`)
  const given: readonly Float32Array[] = full.queries
  const lengthAt = (at: number): unknown => (given[at] as Float32Array | null | undefined)?.length
  const odd = given.findIndex((_, at) => lengthAt(at) !== full.schema.dimensions)
  if (odd >= 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}: query ${odd} (counted from 0) expects ${full.schema.dimensions} numbers, received ${String(lengthAt(odd))}.`,
    )
  return full
}

/** Ids are kept by their last letter: one set holds no more than 16.7 million. */
const ID_SETS = 64

async function fill(
  store: VectorStore,
  rows: readonly VectorRow[] | AsyncIterable<readonly VectorRow[]>,
): Promise<void> {
  const ids = Array.from({ length: ID_SETS }, () => new Set<string>())
  for await (const some of Symbol.asyncIterator in rows ? rows : blocks(rows)) {
    await store.upsert(some)
    for (const { id } of some) {
      const own = ids[id.charCodeAt(id.length - 1) % ID_SETS] ?? ids[0]!
      if (own.has(id))
        throw new EnsuiteError(
          'OPTION_INVALID',
          `publishVectors: two rows have the id '${id.slice(0, 100)}', and a version has one row an id. Leave one of them out.`,
        )
      own.add(id)
    }
  }
}

function* blocks(rows: readonly VectorRow[]): Iterable<readonly VectorRow[]> {
  for (let from = 0; from < rows.length; from += BLOCK) yield rows.slice(from, from + BLOCK)
}

function drawn(queries: readonly Float32Array[], sample: number, seed: number): readonly Float32Array[] {
  if (queries.length <= sample) return queries
  const order = Int32Array.from(queries.keys())
  createRandom(seed).shuffle(order)
  return Array.from(order.subarray(0, sample), (at) => queries[at]!)
}
