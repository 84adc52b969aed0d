import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import type * as Usearch from 'usearch'
import type { KeptIndex } from './kept-index.ts'
import { optionalPackage } from '../optional-package.ts'
import { createBest, scoreRows, type Nearest, type NearestOptions, type NearestRows } from './nearest.ts'
import { lengthOf, type VectorTable } from './vector-table.ts'

export interface ApproximateOptions {
  /** Neighbours of a row in the graph; default 16. */
  readonly connectivity?: number
  /** Rows that are looked at when one is added; default 128. */
  readonly expansionAdd?: number
  /** Rows that are looked at for a query, at least; default 320. */
  readonly expansionSearch?: number
  /** Threads that add rows; the number of cores by default. With 1 the same rows give the same index. */
  readonly threads?: number
}

export const approximateDefaults: Required<ApproximateOptions> = {
  connectivity: 16,
  expansionAdd: 128,
  expansionSearch: 320,
  threads: availableParallelism(),
}

/** What makes an index another one: the rest of the options can change under it. */
export const indexSettings = ({ connectivity, expansionAdd }: Required<ApproximateOptions>): object => ({
  connectivity,
  expansionAdd,
})

/** So many times as many rows are taken from the index as are asked for, and scored again as they are: the index keeps 16 bits of each number. */
const OVER = 4
const FEWEST = 64
/** A row that the index looks at takes as long as so many numbers of rows that are scored one by one. */
const STEP = 4096
/** So many rows are scored one by one before the index takes them in. */
const MOST_APART = 2048
/** Rows that are added at a time; other work has its turn in between. */
const ADDED = 256

/**
 * Approximate search: a graph of neighbours (HNSW: Malkov and Yashunin 2018, usearch) over the rows with 16 bits a number, whose finds are scored again exactly. Rows that are newer than it, and searches
 * that few rows pass, are scored one by one.
 */
export async function approximateNearest(
  table: VectorTable,
  options: Required<ApproximateOptions>,
  kept: KeptIndex,
): Promise<Nearest> {
  const usearch = await optionalPackage<typeof Usearch>('usearch', 'This vector store')
  const { dimensions, similarity } = table.schema
  const made = (): Usearch.Index =>
    new usearch.Index({
      dimensions,
      metric: similarity === 'cosine' ? usearch.MetricKind.Cos : usearch.MetricKind.IP,
      quantization: usearch.ScalarKind.BF16,
      connectivity: options.connectivity,
      expansion_add: options.expansionAdd,
      expansion_search: options.expansionSearch,
      multi: false,
    })
  let index = made()
  let generation = table.generation
  let rows = 0
  let isSaved = true
  const before = await kept.load()
  // Where the rows have got new places since, the index speaks of others.
  if (before?.generation === table.generation && before.rows <= table.size) {
    index.load(before.path)
    rows = before.rows
  }

  const takeIn = async (): Promise<void> => {
    if (generation !== table.generation) {
      index = made()
      rows = 0
      generation = table.generation
    }
    // So few that no search would use it.
    if (table.size * dimensions < FEWEST * STEP) return
    if (table.size - rows <= Math.max(MOST_APART, rows / 10)) return
    isSaved = false
    while (rows < table.size) {
      const end = Math.min(table.size, rows + ADDED)
      addRows(rows, end)
      rows = end
      await setImmediate()
    }
  }
  const addRows = (from: number, to: number): void => {
    const places: number[] = []
    for (let place = from; place < to; place++) if (table.alive[place] === 1) places.push(place)
    // Whole arrays: views would be read from their buffer's start.
    const vectors = new Float32Array(places.length * dimensions)
    for (const [at, place] of places.entries())
      vectors.set(table.vectors.subarray(place * dimensions, (place + 1) * dimensions), at * dimensions)
    if (places.length > 0) index.add(BigUint64Array.from(places, BigInt), vectors, options.threads)
  }

  const searchOne = (query: Float32Array, { k, allowed, most, places }: NearestOptions): NearestRows => {
    const best = createBest(Math.min(k, most))
    if (most === 0) return best.rows()
    // Of the rows that the index gives, this share may be found: the fewer, the more it must give.
    const wanted = Math.ceil(Math.max(FEWEST, OVER * k) * (table.size / most))
    if (rows > 0 && wanted * STEP < most * dimensions) {
      const { keys } = index.search(query, Math.min(wanted, rows), 1)
      const near = Array.from(keys, Number).filter((place) => allowed[place] === 1)
      if (near.length >= Math.min(k, most)) {
        scoreRows(table, query, near, best)
        scoreRows(table, query, allowedFrom(rows), best)
        return best.rows()
      }
    }
    scoreRows(table, query, places ?? allowedFrom(0), best)
    return best.rows()

    function* allowedFrom(first: number): Iterable<number> {
      const { length } = allowed
      for (let place = first; place < length; place++) if (allowed[place] === 1) yield place
    }
  }

  return {
    prepare: takeIn,
    search: async (_, queries, search) => {
      await takeIn()
      const scaled =
        similarity === 'dot' ? queries : queries.map((query) => query.map((value) => value / lengthOf(query)))
      return scaled.map((query) => searchOne(Float32Array.from(query), search))
    },
    close: async () => {
      if (!isSaved)
        await kept.save({ rows, generation }, (path) => {
          index.save(path)
        })
    },
  }
}
