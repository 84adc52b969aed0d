import type { Served } from '../artifact/index.ts'
import type { Program } from '../graph/index.ts'
import type { NearItems } from './near-items.ts'
import { scoreRows } from './score-rows.ts'
import type { AskedRow, ItemRow, ScoredRow, SessionRow, VectorsRow } from './session-row.ts'

export interface ScoringParts {
  readonly program: Program
  readonly served: Served
  /** Asked for where a row is of an item, so that its memory is taken only then. */
  readonly near: () => Promise<NearItems>
}

/** Scores sessions with the graph, and what is like items by vectors: answers in the order of the rows. */
export async function scoreBatch(
  { program, served, near }: ScoringParts,
  rows: readonly AskedRow[],
  added: Float32Array,
): Promise<readonly ScoredRow[]> {
  const sessions = rows.filter((row): row is SessionRow => 'inputs' in row)
  const items = rows.filter((row): row is ItemRow => 'near' in row)
  const scored = sessions.length === 0 ? [] : await scoreRows(program, sessions, { served, added })
  const own = { vectors: added, width: served.content?.width ?? 0 }
  const ranked = items.length === 0 ? [] : await (await near()).rank(items, own)
  const wanted = rows.filter((row): row is VectorsRow => 'vectorsOf' in row)
  const vectors = wanted.length === 0 ? [] : await (await near()).vectors(wanted, own)
  const [ofSessions, ofItems, ofVectors] = [scored.values(), ranked.values(), vectors.values()]
  return rows.map((row) => ('inputs' in row ? ofSessions : 'near' in row ? ofItems : ofVectors).next().value!)
}
