/** The `k` rows with the greatest products with each query, best first, by scoring all: what the stores are compared with. Vectors have an even width. */
export function topRows(
  vectors: Float32Array,
  queries: readonly Float32Array[],
  {
    k,
    rows,
    allowed,
  }: { readonly k: number; readonly rows: number; readonly allowed: (row: number) => boolean },
): readonly (readonly number[])[] {
  const best = queries.map(() => ({ rows: [] as number[], scores: [] as number[] }))
  for (let row = 0; row < rows; row++) {
    if (!allowed(row)) continue
    for (const [at, query] of queries.entries()) {
      const from = row * query.length
      // Two sums: one would wait for itself at each number.
      let [one, two] = [0, 0]
      for (let each = 0; each < query.length; each += 2) {
        one += vectors[from + each]! * query[each]!
        two += vectors[from + each + 1]! * query[each + 1]!
      }
      const score = one + two
      const { rows: found, scores } = best[at]!
      if (scores.length === k && score <= scores[k - 1]!) continue
      let place = scores.length
      while (place > 0 && scores[place - 1]! < score) place--
      scores.splice(place, 0, score)
      found.splice(place, 0, row)
      if (scores.length > k) {
        scores.pop()
        found.pop()
      }
    }
  }
  return best.map(({ rows: found }) => found)
}
