import { setImmediate } from 'node:timers/promises'
import type { VectorStore } from './vector-store.ts'

/** Scores of the stores have 32 bits, or are 1 minus a distance that has: so far apart, times the lengths of query and row, two of them say nothing. */
const NEAR = 1e-6

interface Scored {
  readonly id: string
  readonly score: number
  /** What a store's score may be wrong by. */
  readonly slack: number
}

/** What is known of a query: what the store found, with the scores that these rows have, and the best of all rows. */
interface Measured {
  readonly query: Float32Array
  readonly found: Map<string, Scored | undefined>
  readonly best: Scored[]
}

/** The mean share of the `k` best rows, by scoring every row that the store holds, that its search finds. Rows whose score is that of the last one count, too: which of equals is found does not matter. */
export async function measureRecall(
  store: VectorStore,
  queries: readonly Float32Array[],
  k: number,
): Promise<number> {
  const { similarity } = store.schema
  const measured: Measured[] = []
  for (const query of queries) {
    const [found = []] = await store.search([query], { k })
    measured.push({ query, found: new Map(found.map(({ id }) => [id, undefined])), best: [] })
  }
  const lengths = queries.map(lengthOf)
  for await (const rows of store.rows()) {
    for (const { id, vector } of rows) {
      const length = lengthOf(vector)
      for (const [at, { query, found, best }] of measured.entries()) {
        const longest = lengths[at]! * length
        const scale = similarity === 'dot' ? 1 : 1 / longest
        const scored = { id, score: product(query, vector) * scale, slack: NEAR * longest * scale }
        if (found.has(id)) found.set(id, scored)
        take(best, scored, k)
      }
    }
    await setImmediate()
  }
  return measured.reduce((sum, each) => sum + share(each), 0) / queries.length
}

function take(best: Scored[], scored: Scored, k: number): void {
  const { score } = scored
  if (best.length === k && score <= best[k - 1]!.score) return
  // The first place whose score is lower.
  let [low, high] = [0, best.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (best[middle]!.score >= score) low = middle + 1
    else high = middle
  }
  best.splice(low, 0, scored)
  if (best.length > k) best.pop()
}

function share({ found, best }: Measured): number {
  const last = best.at(-1)
  if (last === undefined) return 1
  const hits = [...found.values()].filter(
    (each) => each !== undefined && each.score + each.slack >= last.score - last.slack,
  )
  return Math.min(1, hits.length / best.length)
}

function product(one: Float32Array, other: Float32Array): number {
  let sum = 0
  for (let at = 0; at < one.length; at++) sum += one[at]! * other[at]!
  return sum
}

const lengthOf = (vector: Float32Array): number => Math.sqrt(product(vector, vector))
