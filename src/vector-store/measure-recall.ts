import { setImmediate } from 'node:timers/promises'
import type { Found, VectorStore } from './vector-store.ts'
import { lengthOf } from './vector-table.ts'

/** Scores of the stores have 32 bits, or are 1 minus a distance that has. */
const NEAR = 1e-5

interface Truth {
  readonly ids: string[]
  readonly scores: number[]
}

/** The mean share of the `k` best rows, by scoring every row that the store holds, that its search finds. Rows whose score is that of the last one count, too: which of equals is found does not matter. */
export async function measureRecall(
  store: VectorStore,
  queries: readonly Float32Array[],
  k: number,
): Promise<number> {
  const { similarity } = store.schema
  const truths = queries.map((): Truth => ({ ids: [], scores: [] }))
  const scaled =
    similarity === 'dot' ? queries : queries.map((query) => query.map((value) => value / lengthOf(query)))
  for await (const rows of store.rows()) {
    for (const { id, vector } of rows) {
      const scale = similarity === 'dot' ? 1 : 1 / lengthOf(vector)
      for (const [at, query] of scaled.entries()) {
        const score = product(query, vector) * scale
        take(truths[at]!, { id, score }, k)
      }
    }
    await setImmediate()
  }
  let sum = 0
  for (const [at, query] of queries.entries()) {
    const [found = []] = await store.search([query], { k })
    sum += share(truths[at]!, found)
  }
  return sum / queries.length
}

function take({ ids, scores }: Truth, { id, score }: Found, k: number): void {
  if (scores.length === k && score <= scores[k - 1]!) return
  // The first place whose score is lower.
  let [low, high] = [0, scores.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (scores[middle]! >= score) low = middle + 1
    else high = middle
  }
  ids.splice(low, 0, id)
  scores.splice(low, 0, score)
  if (ids.length > k) {
    ids.pop()
    scores.pop()
  }
}

function share({ ids, scores }: Truth, found: readonly Found[]): number {
  if (ids.length === 0) return 1
  const wanted = new Set(ids)
  const last = scores.at(-1)!
  const hits = found.filter(
    ({ id, score }) => wanted.has(id) || Math.abs(score - last) <= NEAR * Math.max(1, Math.abs(last)),
  )
  return Math.min(1, new Set(hits.map(({ id }) => id)).size / ids.length)
}

function product(one: Float32Array, other: Float32Array): number {
  let sum = 0
  for (let at = 0; at < one.length; at++) sum += one[at]! * other[at]!
  return sum
}
