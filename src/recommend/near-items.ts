import { EnsuiteError } from '../errors.ts'
import { add, gather, gemm, graph, input, mul, type Program, type Runtime } from '../graph/index.ts'
import { readWeights } from '../graph/read-weights.ts'
import { rankRow } from './rank-row.ts'
import type { ItemRow, ScoredRow, VectorsRow } from './session-row.ts'

/** The items of a model by their vectors. */
export interface NearItems {
  /** The best columns of each row by their cosines with its item. added: the embeddings of items that were added, [added · width]. */
  rank(rows: readonly ItemRow[], added: AddedVectors): Promise<readonly ScoredRow[]>
  /** The vectors of the columns of each row, at length 1. The first call takes memory for those of all items once more. */
  vectors(rows: readonly VectorsRow[], added: AddedVectors): Promise<readonly ScoredRow[]>
  close(): Promise<void>
}

export interface AddedVectors {
  /** [count · width]. */
  readonly vectors: Float32Array
  readonly width: number
}

export interface NearItemsOptions {
  readonly runtime: Runtime
  /** The vectors of all items by parameters: `model.embeddings().items`. */
  readonly itemsOnnx: Uint8Array
  /** Where the parameters are. */
  readonly recommendOnnx: Uint8Array
}

/** Cosines of one run take at most this many numbers, 128 MiB. */
const MOST_COSINES = 2 ** 25

/**
 * The directions of all items [items, size], once more beside the graph that scores sessions, as a product on ONNX Runtime: cosines [rows, items].
 * Throws `ARTIFACT_INVALID` where the parameters are not in the graph.
 */
export async function openNearItems(options: NearItemsOptions): Promise<NearItems> {
  const { items, size, directions } = await directionsOf(options)
  const table = input('directions', 'float32', [items, size])
  // Of an item that was added the row of the table counts nothing, and its own direction all.
  const own = mul(gather(table, input('columns', 'int32', ['rows'])), input('known', 'float32', ['rows', 1]))
  const queries = add(own, input('given', 'float32', ['rows', size]))
  const program = await options.runtime.compile(
    graph({ queries, cosines: gemm(queries, table, { transposeB: true }) }),
    { weights: { directions } },
  )
  const most = Math.max(1, Math.floor(MOST_COSINES / items))

  const rankSome = async (
    rows: readonly ItemRow[],
    added: Float32Array,
    count: number,
  ): Promise<readonly ScoredRow[]> => {
    const { cosines, queries } = await cosinesOf(program, rows, { items, size, added })
    const scores = new Float32Array(items + count)
    const excluded = new Uint8Array(items + count)
    return rows.map((row, at) => {
      scores.set(cosines.subarray(at * items, (at + 1) * items))
      const query = queries.subarray(at * size, (at + 1) * size)
      for (let place = 0; place < count; place++) scores[items + place] = product(query, added, place * size)
      return { ...rankRow(scores, row, excluded), predictions: {} }
    })
  }
  const directionsOfAdded = ({ vectors, width }: AddedVectors) => {
    const count = width === 0 ? 0 : vectors.length / width
    return { count, added: unitRows(wider(vectors, { count, width, size }), size) }
  }
  let kept: Promise<Float32Array> | undefined
  return {
    vectors: async (rows, own) => {
      kept ??= directionsOf(options).then((again) => again.directions)
      const known = await kept.catch((error: unknown) => {
        // What failed is tried again by the next call.
        kept = undefined
        throw error
      })
      const { added } = directionsOfAdded(own)
      return rows.map(({ vectorsOf }) => {
        const vectors = new Float32Array(vectorsOf.length * size)
        for (const [at, column] of vectorsOf.entries()) {
          const [all, place] = column < items ? [known, column] : [added, column - items]
          vectors.set(all.subarray(place * size, (place + 1) * size), at * size)
        }
        return { columns: new Int32Array(0), scores: new Float32Array(0), predictions: {}, vectors }
      })
    },
    rank: async (rows, own) => {
      const { count, added } = directionsOfAdded(own)
      const ranked: ScoredRow[] = []
      for (let from = 0; from < rows.length; from += most)
        ranked.push(...(await rankSome(rows.slice(from, from + most), added, count)))
      return ranked
    },
    close: () => program.close(),
  }
}

async function directionsOf({ runtime, itemsOnnx, recommendOnnx }: NearItemsOptions): Promise<{
  readonly items: number
  readonly size: number
  readonly directions: Float32Array
}> {
  const program = await runtime.open(itemsOnnx)
  try {
    const parameters = readWeights(recommendOnnx, program.inputs)
    const missing = program.inputs.find((name) => !Object.hasOwn(parameters, name))
    if (missing !== undefined)
      throw new EnsuiteError(
        'ARTIFACT_INVALID',
        `recommend.onnx should hold the parameter '${missing}', and does not. Restore the artifact from where it was saved.`,
      )
    const feeds = Object.entries(parameters).map(
      ([name, { dims, values }]) => [name, { dtype: 'float32', dims, data: values }] as const,
    )
    const { dims, data } = (await program.run(Object.fromEntries(feeds)))['vectors']!
    const [items, size] = dims as [number, number]
    return { items, size, directions: unitRows(data as Float32Array, size) }
  } finally {
    await program.close()
  }
}

async function cosinesOf(
  program: Program,
  rows: readonly ItemRow[],
  { items, size, added }: { readonly items: number; readonly size: number; readonly added: Float32Array },
): Promise<{ readonly cosines: Float32Array; readonly queries: Float32Array }> {
  const given = new Float32Array(rows.length * size)
  for (const [at, { near }] of rows.entries())
    if (near >= items) given.set(added.subarray((near - items) * size, (near - items + 1) * size), at * size)
  const isKnown = ({ near }: ItemRow): boolean => near < items
  const results = await program.run({
    columns: {
      dtype: 'int32',
      dims: [rows.length],
      data: Int32Array.from(rows, (row) => (isKnown(row) ? row.near : 0)),
    },
    known: {
      dtype: 'float32',
      dims: [rows.length, 1],
      data: Float32Array.from(rows, (row) => (isKnown(row) ? 1 : 0)),
    },
    given: { dtype: 'float32', dims: [rows.length, size], data: given },
  })
  return {
    cosines: results['cosines']!.data as Float32Array,
    queries: results['queries']!.data as Float32Array,
  }
}

/** Embeddings as vectors of the head: an item that was added has no score of its own. */
function wider(
  vectors: Float32Array,
  { count, width, size }: { readonly count: number; readonly width: number; readonly size: number },
): Float32Array {
  const all = new Float32Array(count * size)
  for (let place = 0; place < count; place++)
    all.set(vectors.subarray(place * width, (place + 1) * width), place * size)
  return all
}

/** Scales each row to length 1, in place; one of zeros stays as it is: its cosines are 0. */
function unitRows(vectors: Float32Array, size: number): Float32Array {
  for (let from = 0; from < vectors.length; from += size) {
    const length = Math.sqrt(product(vectors.subarray(from, from + size), vectors, from))
    if (length > 0) for (let at = from; at < from + size; at++) vectors[at]! /= length
  }
  return vectors
}

function product(one: Float32Array, others: Float32Array, from: number): number {
  let sum = 0
  for (let at = 0; at < one.length; at++) sum += one[at]! * others[from + at]!
  return sum
}
