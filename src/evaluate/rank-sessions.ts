import { RESERVED, UNKNOWN } from '../codes.ts'
import { type Batch, planEvaluation } from '../data/batches.ts'
import type { Sessions } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import { meanRank } from '../metrics/mean-rank.ts'
import { topK } from '../metrics/top-k.ts'
import type { Scorer } from '../baselines/scorer.ts'

export interface RankOptions {
  /** Size of the catalogue: how many columns a scorer returns. */
  readonly items: number
  /** How many of the last events before the target a batch carries. */
  readonly maxLength: number
  readonly batchSize: number
  readonly filterSeen: boolean
  /** Places of the lists that are kept of each session; default 0, none. */
  readonly listLength?: number
  /** Called after each batch, with the number of batches. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void
}

export interface SessionRanks {
  /** Which sessions were ranked, ascending: [ranked]. Sessions without a prefix are not. */
  readonly sessionIndices: Int32Array
  /** Rank of the target of each, from 1, fractional where tied: [ranked]. An unknown target is at `items + 1`. */
  readonly ranks: Float64Array
  readonly unknownTargets: number
  /** Sessions whose target is among the items before it, where those are no candidates: at `items + 1`, too. */
  readonly seenTargets: number
  /** The best `length` items of each ranked session as columns, best first, tied ones as a recommender has them, −1 behind the last: [ranked * length]. Where lists were asked for. */
  readonly lists?: { readonly columns: Int32Array; readonly length: number }
}

/**
 * Ranks the last event of each session among all items, given the events before it.
 *
 * Ranks and lists come from one pass over the scores. The order of the result does not depend on the batches, so neither does a mean of it, to the last bit.
 * Throws `SHAPE_MISMATCH` if the scorer returns another number of scores than sessions × items,
 * `OPTION_INVALID` if a session holds an item beyond the catalogue, `TRAINING_DIVERGED` if a score is NaN.
 */
export async function rankSessions(
  scorer: Scorer,
  sessions: Sessions,
  options: RankOptions,
): Promise<SessionRanks> {
  const { items, maxLength, batchSize, filterSeen, listLength = 0, onProgress } = options
  const plan = planEvaluation(sessions, {
    maxLength,
    batchSize,
    ...scorer.batchRules,
  })
  const ranks = new Float64Array(sessions.count).fill(NaN)
  const seen = new Uint8Array(items)
  const columns = new Int32Array(sessions.count * listLength).fill(-1)
  let unknownTargets = 0
  let seenTargets = 0
  for (let index = 0; index < plan.count; index++) {
    const batch = plan.batch(index)
    const scores = await scorer.score(batch, sessions)
    checkScores(scorer, scores, batch, items)
    for (const [at, session] of batch.sessionIndices.entries()) {
      const events = eventsOf(sessions, session, items)
      const target = events[events.length - 1]!
      const filtered = events.subarray(0, filterSeen ? -1 : 0)
      const row = scores.subarray(at * items, (at + 1) * items)
      mark(seen, filtered, 1)
      if (listLength > 0)
        columns.set(topK(row, { k: listLength, excluded: seen }).columns, session * listLength)
      if (target === UNKNOWN) unknownTargets++
      // What is filtered is never recommended: it would be a hit here alone.
      const isSeen = target !== UNKNOWN && filtered.includes(target)
      if (isSeen) seenTargets++
      ranks[session] = isSeen || target === UNKNOWN ? items + 1 : meanRank(row, target - RESERVED, seen)
      // Unmarking costs the prefix, clearing would cost the catalogue.
      mark(seen, filtered, 0)
    }
    onProgress?.({ done: index + 1, total: plan.count })
  }
  const sessionIndices = Int32Array.from(ranks.keys()).filter((session) => !Number.isNaN(ranks[session]))
  return {
    sessionIndices,
    ranks: ranks.filter((rank) => !Number.isNaN(rank)),
    unknownTargets,
    seenTargets,
    ...(listLength > 0 && {
      lists: { columns: rowsOf(columns, sessionIndices, listLength), length: listLength },
    }),
  }
}

/** The rows at `indices`, ascending, moved to the front. */
function rowsOf(rows: Int32Array, indices: Int32Array, length: number): Int32Array {
  for (const [place, index] of indices.entries())
    rows.copyWithin(place * length, index * length, (index + 1) * length)
  return rows.slice(0, indices.length * length)
}

function mark(seen: Uint8Array, codes: Int32Array, value: 0 | 1): void {
  for (const code of codes) if (code >= RESERVED) seen[code - RESERVED] = value
}

function eventsOf(sessions: Sessions, session: number, items: number): Int32Array {
  const events = sessions.items.subarray(sessions.offsets[session], sessions.offsets[session + 1])
  for (const code of events) {
    if (code >= UNKNOWN && code < items + RESERVED) continue
    throw new EnsuiteError(
      'OPTION_INVALID',
      `Evaluating over ${items} items expects codes from ${UNKNOWN} to ${items + RESERVED - 1}, received ${code} ` +
        `in session '${sessions.ids[session] ?? String(session)}'. Give 'items' the size of the vocabulary that the sessions were coded with.`,
    )
  }
  return events
}

function checkScores(scorer: Scorer, scores: Float32Array, batch: Batch, items: number): void {
  const rows = batch.sessionIndices.length
  if (scores.length === rows * items) return
  throw new EnsuiteError(
    'SHAPE_MISMATCH',
    `The scorer '${scorer.name}' should return [${rows}, ${items}] scores, ${rows * items} numbers, ` +
      `and returned ${scores.length}. Column j is the item of code j + ${RESERVED}; there is none for padding and unknown.`,
  )
}
