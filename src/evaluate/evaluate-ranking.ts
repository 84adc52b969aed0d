import { knownEvents } from '../data/known-events.ts'
import type { Sessions } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import { rankingMetrics, standardErrors, summarise, type MetricName } from '../metrics/index.ts'
import { checkBoolean, checkNumber, checkOptions } from '../options.ts'
import { type RankOptions, rankSessions, type SessionRanks } from './rank-sessions.ts'
import { rankingSizes } from './ranking-sizes.ts'
import type { Scorer } from '../baselines/scorer.ts'

export interface RankingOptions extends Pick<RankOptions, 'onProgress'> {
  /** Size of the catalogue: how many columns the scorer returns. Default: as the scorer says; that of a model does. */
  readonly items?: number
  /** How many of the last events before the target the scorer is shown. Default: as many as it reads, where it says so, as that of a model does; not more than that. */
  readonly maxLength?: number
  /** Sessions scored at once, default 128: a batch of scores takes 4 · batchSize · items bytes. */
  readonly batchSize?: number
  /** Cutoffs, each from 1 to the number of items. Default [10, 20]. */
  readonly ks?: readonly number[]
  /** Whether the items of the prefix, all of it, are no candidates, as `recommend` leaves them out: a target among them is a miss. Default true. */
  readonly filterSeen?: boolean
  /** Is given the rank of each session that was ranked, from which any metric can be told session by session. */
  readonly onRanks?: (ranks: SessionRanks) => void
}

/** Figures of one evaluation, safe for JSON. */
export interface RankingResult {
  /** Each of `rankingMetrics` at each k, such as `ndcg@10`: means over sessions. */
  readonly [metric: MetricName]: number
  /** Standard error of each mean over sessions, by the same names; empty for a single session. */
  readonly standardErrors: Readonly<Record<MetricName, number>>
  /** Sessions that were ranked. */
  readonly sessions: number
  readonly items: number
  readonly filterSeen: boolean
  /** Sessions whose target the vocabulary does not know. They are among `sessions`, each a miss. */
  readonly unknownTargets: number
  /** Sessions whose target is an item that they have had, where those are filtered. They are among `sessions`, each a miss. */
  readonly seenTargets: number
}

/**
 * Evaluates by full ranking: the last event of each session is ranked among all items, given all known events before it.
 *
 * Unknown items are skipped, as a recommender skips them; a session in which nothing is known before the target is not ranked.
 * No candidates are sampled: Krichene and Rendle, "On sampled metrics for item recommendation", KDD 2020, show that
 * sampling can reverse the order of models. Ties count as the mean of their places, a target that cannot be recommended (unknown, or filtered) as a miss.
 *
 * Throws `OPTION_UNKNOWN` and `OPTION_INVALID` for options, also for `items` and `maxLength` that contradict the scorer, `SESSIONS_TOO_FEW` if no session has two events,
 * `SHAPE_MISMATCH` and `TRAINING_DIVERGED` for scores of another size and for NaN.
 */
export async function evaluateRanking(
  scorer: Scorer,
  sessions: Sessions,
  options: RankingOptions = {},
): Promise<RankingResult> {
  checkScorer(scorer)
  checkOptions('evaluateRanking', options, [
    'items',
    'maxLength',
    'batchSize',
    'ks',
    'filterSeen',
    'onProgress',
    'onRanks',
  ])
  const { ks = [10, 20], batchSize = 128, filterSeen = true, onProgress, onRanks } = options
  const { items, maxLength } = rankingSizes(scorer, options)
  checkBoolean('filterSeen of evaluateRanking', filterSeen)
  checkNumber('batchSize of evaluateRanking', batchSize, { integer: true, min: 1 })
  checkCutoffs(ks, items)
  const ranked = await rankSessions(scorer, knownEvents(sessions, { keepTargets: true }), {
    items,
    maxLength,
    batchSize,
    filterSeen,
    ...(onProgress && { onProgress }),
  })
  onRanks?.(ranked)
  const { ranks, unknownTargets, seenTargets } = ranked
  const metrics = ks.flatMap((k) => rankingMetrics.map((metric) => metric(k)))
  return {
    ...summarise(ranks, metrics),
    standardErrors: standardErrors(ranks, metrics),
    sessions: ranks.length,
    items,
    filterSeen,
    unknownTargets,
    seenTargets,
  }
}

function checkScorer(scorer: unknown): void {
  const { name, score } = Object(scorer) as Readonly<Record<string, unknown>>
  if (typeof name === 'string' && typeof score === 'function') return
  throw new EnsuiteError(
    'OPTION_INVALID',
    'evaluateRanking expects a scorer, { name, score }, as its first argument. Of a model make one: await modelScorer(model, runtime, weights).',
  )
}

function checkCutoffs(ks: unknown, items: number): void {
  const list: readonly unknown[] = Array.isArray(ks) ? ks : []
  const good = list.every((k) => Number.isInteger(k) && (k as number) >= 1 && (k as number) <= items)
  if (list.length > 0 && good) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    `ks of evaluateRanking must be a list of one or more whole numbers from 1 to the number of items, ${items}, ` +
      `received ${JSON.stringify(ks)}. For a small catalogue pass smaller cutoffs, such as ks: [1].`,
  )
}
