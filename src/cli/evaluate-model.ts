import { isSource, type Sessions } from '../data/index.ts'
import {
  evaluateHeads,
  evaluateRanking,
  floors,
  measurable,
  measureDefaults,
  modelScorer,
  otherHeads,
  type HeadsResult,
  type RankingOptions,
  type RankingResult,
  type SessionRanks,
} from '../evaluate/index.ts'
import type { Runtime } from '../graph/index.ts'
import type { Model } from '../model.ts'
import { checkNumber } from '../options.ts'
import type { Division, TrainingData } from './training-data.ts'

/** What `train` and `evaluate` measure on the test part. */
export interface Evaluation {
  readonly split: Division
  readonly model: RankingResult
  readonly floors: { readonly popularity: RankingResult; readonly markov: RankingResult }
  /** Of a model that has heads beside the item head: each of them, by name. */
  readonly heads?: HeadsResult
}

export interface EvaluateOptions extends Pick<TrainingData, 'split' | 'train' | 'known' | 'test'> {
  readonly runtime: Runtime
  readonly ks: readonly number[]
  readonly filterSeen: boolean
  /** Is given the rank of each session by the model. */
  readonly onRanks?: (ranks: SessionRanks) => void
  /** What `ensuite evaluate` measures more than `ensuite train`; default: nothing. */
  readonly more?: Pick<RankingOptions, 'train' | 'beyond' | 'slices'>
}

/** The model beside its floors, same protocol, and its other heads beside their constants. The floors know all that came before the targets. */
export async function evaluateModel(
  trained: { readonly model: Model; readonly weights: Readonly<Record<string, Float32Array>> },
  { split, train, known, test, runtime, ks, filterSeen, onRanks, more }: EvaluateOptions,
): Promise<Evaluation> {
  const { model, weights } = trained
  const scorer = await modelScorer(model, runtime, weights)
  try {
    const ranked = {
      split,
      model: await evaluateRanking(scorer, test, { ks, filterSeen, ...more, ...(onRanks && { onRanks }) }),
      floors: await floors(known, test, { items: scorer.items, ks, filterSeen, ...more }),
    }
    if (otherHeads(model).length === 0) return ranked
    const baseline = baselineOf(model, train)
    return {
      ...ranked,
      heads: await evaluateHeads(trained, test, { runtime, ...(baseline && { baseline }) }),
    }
  } finally {
    await scorer.close()
  }
}

/** The sessions that were trained on, where they are in memory and a constant of each head can be told from them: none is no reason to lose what was trained. */
function baselineOf(model: Model, train: TrainingData['train']): Sessions | undefined {
  if (isSource(train)) return undefined
  const told = otherHeads(model).every(
    (head) => measurable(head, { ...measureDefaults, sessions: train }).length > 0,
  )
  return told ? train : undefined
}

const DEFAULT_CUTOFFS = [10, 20]

/** The cutoffs that were asked for, or the default ones that the catalogue is large enough for. Checked before anything takes long. */
export function cutoffs(asked: readonly number[] | undefined, items: number): readonly number[] {
  for (const k of asked ?? []) checkNumber('-k', k, { integer: true, min: 1, max: items })
  if (asked !== undefined && asked.length > 0) return asked
  const fitting = DEFAULT_CUTOFFS.filter((k) => k <= items)
  return fitting.length > 0 ? fitting : [items]
}
