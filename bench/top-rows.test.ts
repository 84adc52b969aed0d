import { expect, it } from 'vitest'
import { clusteredVectors } from './data/clustered-vectors.ts'
import { topRows } from './top-rows.ts'

it('the best rows of each query, best first, of those that are allowed', () => {
  const vectors = Float32Array.of(1, 0, 0.5, 0, 2, 0, 0, 3)
  const queries = [Float32Array.of(1, 0), Float32Array.of(0, 1)]
  expect(topRows(vectors, queries, { k: 2, rows: 4, allowed: () => true })).toEqual([
    [2, 0],
    [3, 0],
  ])
  expect(topRows(vectors, queries, { k: 2, rows: 4, allowed: (row) => row !== 2 })[0]).toEqual([0, 1])
})

it('clustered vectors have length 1, are the same each time, and are near others', () => {
  const options = { count: 3000, dimensions: 16, seed: 3 }
  const vectors = clusteredVectors(options)
  expect(clusteredVectors(options)).toEqual(vectors)
  const queries = clusteredVectors({ ...options, count: 20 }, 'queries')
  expect(queries.subarray(0, 16)).not.toEqual(vectors.subarray(0, 16))
  const dot = (one: Float32Array, other: Float32Array): number =>
    one.reduce((sum, value, at) => sum + value * other[at]!, 0)
  const of = (all: Float32Array, row: number): Float32Array => all.subarray(16 * row, 16 * (row + 1))
  for (let at = 0; at < 20; at++) {
    const query = of(queries, at)
    expect(dot(query, query)).toBeCloseTo(1, 5)
    const [[nearest]] = topRows(vectors, [query], { k: 1, rows: 3000, allowed: () => true }) as [[number]]
    expect(dot(query, of(vectors, nearest))).toBeGreaterThan(0.6)
  }
})
