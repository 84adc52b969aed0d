import type { Sessions } from '../data/sessions.ts'
import { evaluateRanking, type RankingOptions, type RankingResult } from './evaluate-ranking.ts'
import { markovScorer } from './markov.ts'
import { popularityScorer } from './popularity.ts'

/** What a model has to beat: the same evaluation of the two floors. */
export interface Floors {
  readonly popularity: RankingResult
  readonly markov: RankingResult
}

/**
 * Fits the floors on `train` and evaluates them on `sessions` as a model is evaluated: same candidates, same ties.
 *
 * For leave-one-out give as `train` all events before the target, the validation event too when the target is the
 * test event: that is what is known at that moment. Never include the targets themselves.
 * `onProgress` is told of the one evaluation, then of the other.
 * Errors: those of `evaluateRanking`, and `OPTION_INVALID` if `train` holds an item beyond the catalogue.
 */
export async function floors(train: Sessions, sessions: Sessions, options: RankingOptions): Promise<Floors> {
  const { items } = options
  const popularity = await evaluateRanking(popularityScorer(train, { items }), sessions, options)
  const markov = await evaluateRanking(markovScorer(train, { items }), sessions, options)
  return { popularity, markov }
}
