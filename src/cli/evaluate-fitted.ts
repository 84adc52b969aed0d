import type { FittedBaseline } from '../baselines/index.ts'
import { evaluateRanking, floors } from '../evaluate/index.ts'
import type { Evaluation, EvaluateOptions } from './evaluate-model.ts'

/** A fitted baseline beside the floors, by the protocol of a model: `model` is what was measured of it. */
export async function evaluateFitted(
  fitted: FittedBaseline,
  { split, known, test, ks, filterSeen, more, onRanks }: Omit<EvaluateOptions, 'runtime' | 'train'>,
): Promise<Evaluation> {
  const { items } = fitted
  return {
    split,
    model: await evaluateRanking(fitted, test, { ks, filterSeen, ...more, ...(onRanks && { onRanks }) }),
    floors: await floors(known, test, { items, ks, filterSeen, ...more }),
  }
}
