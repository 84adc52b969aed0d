import { add, gemm, graph, input, mul, topK, type Program, type Runtime } from '../graph/index.ts'
import { createBest, scoreRows, type Nearest, type NearestOptions, type NearestRows } from './nearest.ts'
import { lengthOf, type VectorTable } from './vector-table.ts'

/** What may not be found: lower than any score. */
const NEVER = -3e38
/** So many rows are scored one by one before the graph is made anew with them. */
const MOST_APART = 2048
/** Queries that are scored at once. */
const BATCH = 32
const FEWEST = 32

/**
 * Exact search: all rows are scored, as one product on ONNX Runtime whose matrix is part of the graph, which is faster than one that is fed; the best come from the graph, too. Rows that are newer
 * than the graph are scored apart, and become part of the next one when they are many.
 */
export function exactNearest(runtime: Runtime): Nearest {
  let generation = 0
  let rows = 0
  let matrix: Float32Array = new Float32Array()
  /** By how many rows they give. */
  const programs = new Map<number, Program>()

  const programFor = async (table: VectorTable, k: number): Promise<Program> => {
    const count = Math.min(rows, Math.max(FEWEST, 2 ** Math.ceil(Math.log2(k))))
    const known = programs.get(count)
    if (known !== undefined) return known
    const { dimensions } = table.schema
    const products = gemm(
      input('queries', 'float32', ['batch', dimensions]),
      input('matrix', 'float32', [rows, dimensions]),
      {
        transposeB: true,
      },
    )
    const scores = add(
      mul(products, input('scales', 'float32', [1, rows])),
      input('bias', 'float32', [1, rows]),
    )
    const { values, indices } = topK(scores, { k: count })
    const program = await runtime.compile(graph({ values, indices }), {
      weights: { matrix, scales: table.scales.slice(0, rows) },
    })
    programs.set(count, program)
    return program
  }
  const forget = async (): Promise<void> => {
    const old = [...programs.values()]
    programs.clear()
    await Promise.all(old.map((program) => program.close()))
  }

  const takeIn = async (table: VectorTable): Promise<void> => {
    const isOld = generation !== table.generation
    if (isOld || table.size - rows > Math.max(MOST_APART, rows / 10)) {
      await forget()
      generation = table.generation
      rows = table.size
      matrix = table.vectors.slice(0, rows * table.schema.dimensions)
    }
  }

  return {
    prepare: takeIn,
    search: async (table, queries, options) => {
      await takeIn(table)
      const found: NearestRows[] = []
      for (let from = 0; from < queries.length; from += BATCH)
        found.push(...(await searchBatch(table, queries.slice(from, from + BATCH), options)))
      return found
    },
    close: forget,
  }

  async function searchBatch(
    table: VectorTable,
    queries: readonly Float32Array[],
    { k, allowed, most }: NearestOptions,
  ): Promise<readonly NearestRows[]> {
    const { dimensions, similarity } = table.schema
    const scaled =
      similarity === 'dot' ? queries : queries.map((query) => query.map((value) => value / lengthOf(query)))
    const count = Math.min(k, most)
    const ranked = rows === 0 || count === 0 ? undefined : await ranking(scaled)
    return scaled.map((query, row) => {
      const best = createBest(count)
      for (let at = 0; ranked !== undefined && at < ranked.width; at++) {
        const place = Number(ranked.indices[row * ranked.width + at])
        if (allowed[place] === 1) best.take(place, ranked.values[row * ranked.width + at]!)
      }
      const newer: number[] = []
      for (let place = rows; place < table.size; place++) if (allowed[place] === 1) newer.push(place)
      scoreRows(table, query, newer, best)
      return best.rows()
    })

    async function ranking(of: readonly Float32Array[]) {
      const program = await programFor(table, k)
      const flat = new Float32Array(of.length * dimensions)
      for (const [at, query] of of.entries()) flat.set(query, at * dimensions)
      const bias = new Float32Array(rows)
      for (let place = 0; place < rows; place++) if (allowed[place] !== 1) bias[place] = NEVER
      const results = await program.run({
        queries: { dtype: 'float32', dims: [of.length, dimensions], data: flat },
        bias: { dtype: 'float32', dims: [1, rows], data: bias },
      })
      const values = results['values']!.data as Float32Array
      return { values, indices: results['indices']!.data as BigInt64Array, width: values.length / of.length }
    }
  }
}
