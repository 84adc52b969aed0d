import type { Candidates, ScoredRow, Wanted } from './session-row.ts'
import { type Ranked, topK } from '../metrics/top-k.ts'

/** The lists and scores that a row asks for. scores: [items]; excluded: zeros, [items], and zeros again afterwards. */
export function rankRow(
  scores: Float32Array,
  row: Wanted,
  excluded: Uint8Array,
): Omit<ScoredRow, 'predictions'> {
  const ranked = (k: number, candidates: Candidates | undefined): Ranked =>
    topK(boosted(scores, candidates), { k, excluded, ...(candidates && { allowed: candidates.allowed }) })
  mark(excluded, row.excluded, 1)
  try {
    return {
      ...ranked(row.k, row.candidates),
      ...(row.also && { also: row.also.map(({ k, candidates }) => ranked(k, candidates)) }),
      ...(row.scoresOf && { scoresOf: Float32Array.from(row.scoresOf, (column) => scores[column]!) }),
    }
  } finally {
    // Unmarking costs the session, clearing would cost the catalogue.
    mark(excluded, row.excluded, 0)
  }
}

function boosted(scores: Float32Array, candidates: Candidates | undefined): Float32Array {
  const boosts = candidates?.boosts
  return boosts === undefined ? scores : scores.map((score, column) => score + (boosts[column] ?? 0))
}

function mark(excluded: Uint8Array, columns: Int32Array, value: 0 | 1): void {
  for (const column of columns) excluded[column] = value
}
