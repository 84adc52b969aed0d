import type { ListChunk, ListValues } from '../events/list-columns.ts'

/** Chunks of sessions as one. */
export function joinedChunks(chunks: readonly ListChunk[], columns: number): ListChunk {
  const rows = chunks.reduce((all, chunk) => all + chunk.rows, 0)
  const offsets = new Int32Array(rows + 1)
  let row = 0
  for (const chunk of chunks) {
    const start = offsets[row]!
    for (let at = 1; at <= chunk.rows; at++) offsets[row + at] = start + chunk.offsets[at]!
    row += chunk.rows
  }
  const values = Array.from({ length: columns }, (_, column) => {
    const first = chunks[0]?.values[column] ?? new Float32Array(0)
    const all = new (first.constructor as new (length: number) => ListValues)(offsets[rows]!)
    let at = 0
    for (const chunk of chunks) {
      all.set(chunk.values[column]!, at)
      at += chunk.values[column]!.length
    }
    return all
  })
  return { rows, offsets, values }
}
