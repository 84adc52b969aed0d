import type { Sessions } from '../data/index.ts'
import type { RankingResult, SessionRanks } from '../evaluate/index.ts'
import { rankedEvaluation, writeEvaluation } from '../runs/index.ts'
import type { Evaluation } from './evaluate-model.ts'

export interface KeptEvaluation {
  readonly ranks: SessionRanks | undefined
  readonly sessions: Sessions
  /** Beside the floors, by name. */
  readonly baselines?: Readonly<Record<string, RankingResult>> | undefined
}

/** Writes test figures into a run folder. Throws `RUN_INVALID` and `FILE_UNWRITABLE`. */
export const keepEvaluation = (
  folder: string,
  { split, model, floors, heads }: Evaluation,
  { ranks, sessions, baselines }: KeptEvaluation,
): Promise<void> =>
  writeEvaluation(
    folder,
    rankedEvaluation({
      ...{ result: model, sessions, split, evaluatedAt: new Date() },
      ...(ranks && { ranks }),
      floors: { ...floors, ...baselines },
      ...(heads && { heads }),
    }),
  )
