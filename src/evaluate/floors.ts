import { markov as markovChain, popularity as byPopularity } from '../baselines/index.ts'
import { checkSessions, type Sessions } from '../data/sessions.ts'
import { checkNumber } from '../options.ts'
import { evaluateRanking, type RankingOptions, type RankingResult } from './evaluate-ranking.ts'

/** What a model has to beat: the same evaluation of the two floors. */
export interface Floors {
  readonly popularity: RankingResult
  readonly markov: RankingResult
}

/** Options of `evaluateRanking`. */
export interface FloorsOptions extends RankingOptions {
  /** Size of the catalogue; a scorer of `modelScorer` has that of its model. */
  readonly items: number
  /** Taken so that the options of a model's evaluation may be given; the floors are the same at any. */
  readonly maxLength?: number
}

/**
 * Fits the floors on `train` and evaluates them on `sessions` as a model is evaluated: same candidates, same ties.
 *
 * For leave-one-out give as `train` all events before the target, the validation event too when the target is the
 * test event: that is what is known at that moment. Never include the targets themselves.
 * `onProgress` is told of the one evaluation, then of the other.
 * Errors: those of `evaluateRanking`, and `OPTION_INVALID` for what are no sessions, and if `train` holds an item beyond the catalogue.
 */
export async function floors(train: Sessions, sessions: Sessions, options: FloorsOptions): Promise<Floors> {
  checkSessions('floors: train', train)
  checkSessions('floors: sessions', sessions)
  const { items, maxLength = 1 } = Object(options) as FloorsOptions
  checkNumber('floors: items', items, { integer: true, min: 1 })
  const ranking = { ...options, maxLength }
  const popularity = await evaluateRanking(byPopularity().fit(train, { items }), sessions, ranking)
  const markov = await evaluateRanking(markovChain().fit(train, { items }), sessions, ranking)
  return { popularity, markov }
}
