import { RESERVED, UNKNOWN } from '../codes.ts'
import { type Batch, planEvaluation } from '../data/batches.ts'
import type { Sessions } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import { meanRank } from '../metrics/mean-rank.ts'
import type { Scorer } from '../baselines/scorer.ts'

export interface RankOptions {
  /** Size of the catalogue: how many columns a scorer returns. */
  readonly items: number
  /** How many of the last events before the target a batch carries. */
  readonly maxLength: number
  readonly batchSize: number
  readonly filterSeen: boolean
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
}

/**
 * Ranks the last event of each session among all items, given the events before it.
 *
 * The order of the result does not depend on the batches, so neither does a mean of it, to the last bit.
 * Throws `SHAPE_MISMATCH` if the scorer returns another number of scores than sessions × items,
 * `OPTION_INVALID` if a session holds an item beyond the catalogue, `TRAINING_DIVERGED` if a score is NaN.
 */
export async function rankSessions(
  scorer: Scorer,
  sessions: Sessions,
  options: RankOptions,
): Promise<SessionRanks> {
  const { items, maxLength, batchSize, filterSeen, onProgress } = options
  const plan = planEvaluation(sessions, {
    maxLength,
    batchSize,
    ...scorer.batchRules,
  })
  const ranks = new Float64Array(sessions.count).fill(NaN)
  const seen = new Uint8Array(items)
  let unknownTargets = 0
  let seenTargets = 0
  for (let index = 0; index < plan.count; index++) {
    const batch = plan.batch(index)
    const scores = await scorer.score(batch, sessions)
    checkScores(scorer, scores, batch, items)
    for (const [row, session] of batch.sessionIndices.entries()) {
      const events = eventsOf(sessions, session, items)
      const target = events[events.length - 1]!
      if (target === UNKNOWN) {
        unknownTargets++
        ranks[session] = items + 1
        continue
      }
      const prefix = filterSeen ? events.subarray(0, -1) : events.subarray(0, 0)
      // What is filtered is never recommended: it would be a hit here alone.
      if (prefix.includes(target)) {
        seenTargets++
        ranks[session] = items + 1
        continue
      }
      mark(seen, prefix, 1)
      ranks[session] = meanRank(scores.subarray(row * items, (row + 1) * items), target - RESERVED, seen)
      // Unmarking costs the prefix, clearing would cost the catalogue.
      mark(seen, prefix, 0)
    }
    onProgress?.({ done: index + 1, total: plan.count })
  }
  const sessionIndices = Int32Array.from(ranks.keys()).filter((session) => !Number.isNaN(ranks[session]))
  return { sessionIndices, ranks: ranks.filter((rank) => !Number.isNaN(rank)), unknownTargets, seenTargets }
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
