import { knownEvents } from '../data/known-events.ts'
import { checkSessions, type Sessions } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import { errorsOf, meansOf, rankingMetrics, sessionValues, type MetricName } from '../metrics/index.ts'
import { checkBoolean, checkNumber, checkOptions } from '../options.ts'
import { batchWithin, SCORE_BYTES } from './batch-within.ts'
import { itemFacts, type BeyondOptions } from './item-facts.ts'
import { measureBeyond } from './measure-beyond.ts'
import { type RankOptions, rankSessions, type SessionRanks } from './rank-sessions.ts'
import { rankingSizes } from './ranking-sizes.ts'
import { checkSlices, sliced, type SliceOption, type Slices } from './slices/index.ts'
import type { Scorer } from '../baselines/scorer.ts'

export interface RankingOptions extends Pick<RankOptions, 'onProgress'> {
  /** Size of the catalogue: how many columns the scorer returns. Default: as the scorer says; that of a model does. */
  readonly items?: number
  /** How many of the last events before the target the scorer is shown. Default: as many as it reads, where it says so, as that of a model does; not more than that. */
  readonly maxLength?: number
  /** Sessions scored at once at most, default 128. Results do not depend on it. */
  readonly batchSize?: number
  /** Bytes of scores at once at most, default 64 MiB: a batch takes 4 · sessions · items bytes and is made smaller to fit, but one session at least. The scorer may need more to make them. */
  readonly scoreBytes?: number
  /** Cutoffs, each from 1 to the number of items. Default [10, 20]. */
  readonly ks?: readonly number[]
  /** Whether the items of the prefix, all of it, are no candidates, as `recommend` leaves them out: a target among them is a miss. Default true. */
  readonly filterSeen?: boolean
  /** Is given the rank of each session that was ranked, from which any metric can be told session by session. */
  readonly onRanks?: (ranks: SessionRanks) => void
  /** The training sessions, whose events say how popular and how new an item is: what `beyond` and some slices need. Default: none. */
  readonly train?: Sessions
  /** Measures the lists of the best `k` items beyond accuracy: `metrics.beyond`. Default: not. */
  readonly beyond?: BeyondOptions
  /** Ways to divide the sessions; each group is measured apart. Default: none. */
  readonly slices?: readonly SliceOption[]
}

/** Figures of one evaluation, safe for JSON. */
export interface RankingResult {
  /** Each of `rankingMetrics` at each k, such as `ndcg@10`: means over sessions. With `beyond` each of `metrics.beyond.beyondMetrics`, too. */
  readonly [metric: MetricName]: number
  /** Standard error of each mean over sessions, by the same names; empty for a single session. Metrics of all sessions together, such as `coverage@10`, have none. */
  readonly standardErrors: Readonly<Record<MetricName, number>>
  /** Sessions that were ranked. */
  readonly sessions: number
  readonly items: number
  readonly filterSeen: boolean
  /** Sessions whose target the vocabulary does not know. They are among `sessions`, each a miss. */
  readonly unknownTargets: number
  /** Sessions whose target is an item that they have had, where those are filtered. They are among `sessions`, each a miss. */
  readonly seenTargets: number
  /** By the name of each slicing that was asked for, its groups. */
  readonly slices?: Slices
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
  checkSessions('evaluateRanking', sessions)
  checkOptions('evaluateRanking', options, [
    'items',
    'maxLength',
    'batchSize',
    'ks',
    'filterSeen',
    'scoreBytes',
    'train',
    'beyond',
    'slices',
    'onProgress',
    'onRanks',
  ])
  const { ks = [10, 20], batchSize = 128, scoreBytes = SCORE_BYTES, filterSeen = true } = options
  const { train, beyond, slices = [], onProgress, onRanks } = options
  const { items, maxLength } = rankingSizes(scorer, options)
  checkBoolean('filterSeen of evaluateRanking', filterSeen)
  checkNumber('batchSize of evaluateRanking', batchSize, { integer: true, min: 1 })
  checkNumber('scoreBytes of evaluateRanking', scoreBytes, { min: 1 })
  checkCutoffs(ks, items)
  checkSlices(slices)
  if (train !== undefined && beyond === undefined && slices.length === 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'train of evaluateRanking changes nothing without beyond or slices. Give one of them, or leave it out.',
    )
  const facts = train && itemFacts(train, { items, ...(beyond && { beyond }) })
  if (beyond !== undefined && facts === undefined) throw withoutTraining('beyond')
  const known = knownEvents(sessions, { keepTargets: true })
  const ranked = await rankSessions(scorer, known, {
    ...{ items, maxLength, filterSeen },
    batchSize: batchWithin({ batchSize, scoreBytes, items }),
    ...(beyond !== undefined && { listLength: Math.max(...ks) }),
    ...(onProgress && { onProgress }),
  })
  onRanks?.(ranked)
  const { sessionIndices, ranks, lists, unknownTargets, seenTargets } = ranked
  const metrics = ks.flatMap((k) => rankingMetrics.map((metric) => metric(k)))
  const further = facts && lists && measureBeyond(known, { sessionIndices, lists }, { ks, facts })
  const values = { ...sessionValues(ranks, metrics), ...further?.values }
  const trainingEvents = (slicing: string): ArrayLike<number> => {
    if (facts !== undefined) return facts.events
    throw withoutTraining(`The slicing '${slicing}'`)
  }
  return {
    ...meansOf(values),
    ...further?.figures,
    standardErrors: errorsOf(values),
    sessions: ranks.length,
    items,
    filterSeen,
    unknownTargets,
    seenTargets,
    ...(slices.length > 0 && {
      slices: sliced(slices, { sessions: known, trainingEvents, sessionIndices, values }),
    }),
  }
}

const withoutTraining = (what: string): EnsuiteError =>
  new EnsuiteError(
    'OPTION_INVALID',
    `${what} of evaluateRanking goes by how often items are trained on. Give the training sessions as train.`,
  )

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
