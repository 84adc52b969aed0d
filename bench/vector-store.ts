import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { table } from '../src/cli/output.ts'
import { approximateVectors, exactVectors } from '../src/vector-store/embedded-vectors.ts'
import type { ApproximateOptions } from '../src/vector-store/approximate-nearest.ts'
import type { VectorFilter } from '../src/vector-store/filter.ts'
import type { Found, VectorDatabase, VectorSchema, VectorStore } from '../src/vector-store/vector-store.ts'
import { clusteredVectors } from './data/clustered-vectors.ts'
import { count, counts, note } from './flags.ts'
import { mean } from './statistics.ts'
import { topRows } from './top-rows.ts'

/** The approximate store beside a plain scan of all rows: how much it finds, and how fast. */
interface Flags {
  readonly rows: number
  readonly exactRows: number
  readonly dimensions: number
  readonly queries: number
  readonly filtered: number
  readonly connectivity?: number
  readonly expansionAdd?: number
  readonly expansionSearch?: readonly number[]
  readonly threads?: number
  readonly rounds: number
  readonly folder?: string
  readonly seed: number
}

const K = 20
const LEAST_RECALL = 0.99
const MOST_MS = 5
const BLOCK = 10_000
const SHARES = [0.1, 0.01, 0.001]

const program = new Command('bench:vectors')
  .description('embedded vector stores on clustered vectors: recall@20 against a scan, time of one query')
  .option('--rows <n>', 'of the approximate store', count, 1_000_000)
  .option('--exact-rows <n>', 'of the exact store', count, 100_000)
  .option('--dimensions <n>', 'numbers of a vector, a power of 2', count, 128)
  .option('--queries <n>', 'each by itself', count, 500)
  .option('--filtered <n>', 'queries with each filter', count, 100)
  .option('--connectivity <n>', 'neighbours of a row', count)
  .option('--expansion-add <n>', 'rows looked at when one is added', count)
  .option('--expansion-search <n…>', 'rows looked at for a query, several with commas', counts)
  .option('--threads <n>', 'of the approximate store, when it adds rows', count)
  .option('--rounds <n>', 'of each measurement; the quietest counts', count, 3)
  .option('--folder <path>', 'where the stores are kept, and found again by the same command')
  .option('--seed <n>', 'of the vectors', count, 1)
const flags = program.parse().opts<Flags>()

const schema: VectorSchema = {
  dimensions: flags.dimensions,
  similarity: 'cosine',
  attributes: { place: 'number' },
}
const header = ['store', 'rows', 'search', `recall@${K}`, 'p50 ms', 'p99 ms', 'recall ÷ 0.99', 'p99 ÷ 5 ms']
const lines: string[][] = []
const folder = flags.folder ?? (await mkdtemp(join(tmpdir(), 'ensuite-bench-vectors-')))
try {
  await benchApproximate()
  await benchExact()
} finally {
  if (flags.folder === undefined) await rm(folder, { recursive: true, force: true })
}
console.log(table(header, lines))

async function benchApproximate(): Promise<void> {
  const { rows, connectivity, expansionAdd, expansionSearch = [undefined], threads } = flags
  const data = vectorsOf(rows)
  const truth = truthOf(data)
  for (const search of expansionSearch) {
    const options: ApproximateOptions = {
      ...(connectivity !== undefined && { connectivity }),
      ...(expansionAdd !== undefined && { expansionAdd }),
      ...(search !== undefined && { expansionSearch: search }),
      ...(threads !== undefined && { threads }),
    }
    const name = `approximate${search === undefined ? '' : `, ${search}`}`
    const database = approximateVectors(join(folder, 'approximate'), options)
    if (!(await database.versions()).includes('v1')) await fill(name, database, data)
    const store = await timed(`${name}: opened`, () => database.open('v1'))
    await measure(name, store, truth)
    await database.close()
  }
}

async function benchExact(): Promise<void> {
  const data = vectorsOf(flags.exactRows)
  const database = exactVectors(join(folder, 'exact'))
  if (!(await database.versions()).includes('v1')) await fill('exact', database, data)
  await measure('exact', await database.open('v1'), truthOf(data))
  await database.close()
}

interface Data {
  readonly rows: number
  readonly vectors: Float32Array
  readonly queries: readonly Float32Array[]
}

/** What a plain scan finds, without a filter and with each. */
type Truth = readonly {
  readonly what: string
  readonly filter?: VectorFilter
  readonly queries: readonly Float32Array[]
  readonly ids: readonly (readonly string[])[]
}[]

function vectorsOf(rows: number): Data {
  note(`${rows} vectors …`)
  const { dimensions, seed } = flags
  const vectors = clusteredVectors({ count: rows, dimensions, seed })
  const flat = clusteredVectors({ count: flags.queries, dimensions, seed }, 'queries')
  const queries = Array.from({ length: flags.queries }, (_, at) =>
    flat.slice(at * dimensions, (at + 1) * dimensions),
  )
  return { rows, vectors, queries }
}

/** Scattered, so that a share of the rows is one of every cluster. */
function placeOf(row: number): number {
  return ((row * 7919) % 1_000_003) / 1_000_003
}

function truthOf({ rows, vectors, queries }: Data): Truth {
  note('what a scan finds …')
  const of = (asked: readonly Float32Array[], below: number): readonly (readonly string[])[] =>
    topRows(vectors, asked, { k: K, allowed: (row) => placeOf(row) < below, rows }).map((found) =>
      found.map(String),
    )
  const some = queries.slice(0, flags.filtered)
  return [
    { what: 'all', queries, ids: of(queries, 1) },
    ...SHARES.map((share) => ({
      what: `${100 * share} %`,
      filter: { attribute: 'place', below: share } as const,
      queries: some,
      ids: of(some, share),
    })),
  ]
}

async function fill(name: string, database: VectorDatabase, { rows, vectors }: Data): Promise<void> {
  const { dimensions } = flags
  const store = await database.create('v1', schema)
  await timed(
    `${name}: written`,
    async () => {
      for (let from = 0; from < rows; from += BLOCK)
        await store.upsert(
          Array.from({ length: Math.min(BLOCK, rows - from) }, (_, at) => ({
            id: String(from + at),
            vector: vectors.subarray((from + at) * dimensions, (from + at + 1) * dimensions),
            attributes: { place: placeOf(from + at) },
          })),
        )
    },
    rows,
  )
  const query = vectors.slice(0, dimensions)
  await timed(`${name}: built`, () => store.search([query], { k: K }), rows)
  await timed(`${name}: kept`, () => store.close())
}

async function measure(name: string, store: VectorStore, truth: Truth): Promise<void> {
  const rows = await store.count()
  for (const { what, filter, queries, ids } of truth) {
    const search = async (query: Float32Array): Promise<readonly Found[]> =>
      (await store.search([query], { k: K, ...(filter !== undefined && { filter }) }))[0]!
    const recall = mean(
      await inTurn(queries, async (query, at) => {
        const found = new Set((await search(query)).map(({ id }) => id))
        return ids[at]!.filter((id) => found.has(id)).length / ids[at]!.length
      }),
    )
    // Other programs take the cores now and then: the quietest round counts.
    const rounds: (readonly number[])[] = []
    for (let round = 0; round < flags.rounds; round++)
      rounds.push(
        await inTurn(queries, async (query) => {
          const started = performance.now()
          await search(query)
          return performance.now() - started
        }),
      )
    const [middle, slowest] = [0.5, 0.99].map((share) =>
      Math.min(...rounds.map((times) => quantile(times, share))),
    )
    lines.push([
      ...[name, String(rows), what, recall.toFixed(4), middle!.toFixed(2), slowest!.toFixed(2)],
      ...[(recall / LEAST_RECALL).toFixed(3), (slowest! / MOST_MS).toFixed(2)],
    ])
    note(lines.at(-1)!.join('  '))
  }
}

async function inTurn<Value>(
  queries: readonly Float32Array[],
  work: (query: Float32Array, at: number) => Promise<Value>,
): Promise<readonly Value[]> {
  const results: Value[] = []
  for (const [at, query] of queries.entries()) results.push(await work(query, at))
  return results
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
}

async function timed<Value>(what: string, work: () => Promise<Value>, rows?: number): Promise<Value> {
  const started = performance.now()
  const value = await work()
  const seconds = (performance.now() - started) / 1000
  note(
    `${what} in ${seconds.toFixed(1)} s${rows === undefined ? '' : `, ${Math.round(rows / seconds)} rows a second`}`,
  )
  return value
}
