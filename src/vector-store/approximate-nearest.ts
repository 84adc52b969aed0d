import type * as Usearch from 'usearch'
import type { KeptIndex } from './kept-index.ts'
import { optionalPackage } from './optional-package.ts'
import { best, scoreRows, type Nearest, type NearestOptions, type NearestRows } from './nearest.ts'
import { lengthOf, type VectorTable } from './vector-table.ts'

export interface ApproximateOptions {
  /** Neighbours of a row in the graph; default 16. */
  readonly connectivity?: number
  /** Rows that are looked at when one is added; default 128. */
  readonly expansionAdd?: number
  /** Rows that are looked at for a query, at least; default 128. */
  readonly expansionSearch?: number
}

/** So many times as many rows are taken from the index as are asked for, and scored again as they are: the index keeps 16 bits of each number. */
const OVER = 4
const FEWEST = 128
/** Below this share of rows that may be found, all of them are scored. */
const FEW = 0.05
/** So many rows are scored one by one before the index takes them in. */
const MOST_APART = 2048

/**
 * Approximate search: a graph of neighbours (HNSW: Malkov and Yashunin 2018, usearch) over the rows with 16 bits a number, whose finds are scored again exactly. Rows that are newer than it, and searches
 * that few rows pass, are scored one by one.
 */
export async function approximateNearest(
  table: VectorTable,
  options: Required<ApproximateOptions>,
  kept: KeptIndex,
): Promise<Nearest> {
  const usearch = await optionalPackage<typeof Usearch>('usearch')
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
  if (before !== undefined && before.rows <= table.size) {
    index.load(before.path)
    rows = before.rows
  }

  const takeIn = (): void => {
    if (generation !== table.generation) {
      index = made()
      rows = 0
      generation = table.generation
    }
    if (table.size - rows <= Math.max(MOST_APART, rows / 10)) return
    for (let place = rows; place < table.size; place++)
      // Whole arrays: views would be read from their buffer's start.
      if (!table.isDead(place))
        index.add(BigInt(place), table.vectors.slice(place * dimensions, (place + 1) * dimensions))
    rows = table.size
    isSaved = false
  }

  const searchOne = (query: Float32Array, { k, allowed, most }: NearestOptions): NearestRows => {
    const count = Math.min(k, most)
    const places: number[] = []
    const scores: number[] = []
    const take = (place: number, score: number): void => {
      places.push(place)
      scores.push(score)
    }
    const share = most / Math.max(1, table.size)
    const wanted = Math.min(rows, Math.ceil(Math.max(FEWEST, OVER * count) / Math.max(share, FEW)))
    if (share >= FEW && wanted > 0) {
      const { keys } = index.search(query, wanted, 1)
      const near = Array.from(keys, Number).filter((place) => allowed[place] === 1)
      if (near.length >= count || most === 0) {
        scoreRows(table, query, near, take)
        scoreRows(table, query, allowedFrom(rows), take)
        return best(places, scores, count)
      }
    }
    scoreRows(table, query, allowedFrom(0), take)
    return best(places, scores, count)

    function* allowedFrom(first: number): Iterable<number> {
      for (let place = first; place < table.size; place++) if (allowed[place] === 1) yield place
    }
  }

  return {
    search: (_, queries, search) => {
      takeIn()
      const scaled =
        similarity === 'dot' ? queries : queries.map((query) => query.map((value) => value / lengthOf(query)))
      return Promise.resolve(scaled.map((query) => searchOne(Float32Array.from(query), search)))
    },
    close: async () => {
      if (!isSaved)
        await kept.save(rows, (path) => {
          index.save(path)
        })
    },
  }
}
