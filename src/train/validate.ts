import type { Sessions } from '../data/index.ts'
import {
  evaluateRanking,
  headPredictor,
  measureDefaults,
  measureHeads,
  measureOf,
  modelScorer,
  otherHeads,
  type RankingOptions,
  type RankingResult,
} from '../evaluate/index.ts'
import type { Runtime } from '../graph/index.ts'
import type { Model } from '../model.ts'
import type { Weights } from './checkpoint.ts'
import { closeAll, closingOnError } from './close-all.ts'

export interface Validation {
  /** By name: of the item head as `ndcg@10`, of another one as `<head>/<metric>`. One that cannot be told is left out. */
  readonly metrics: Readonly<Record<string, number>>
  /** Those whose last event was predicted. */
  readonly sessions: number
}

/** Measures a model while it is trained. */
export interface Validator {
  measure(sessions: Sessions): Promise<Validation>
  close(): Promise<void>
}

const BATCH = 128

/** `weights` are read whenever it measures. */
export async function createValidator(
  model: Model,
  weights: Weights,
  { runtime, ...ranking }: Omit<RankingOptions, 'maxLength'> & { readonly runtime: Runtime },
): Promise<Validator> {
  const scorer = model.itemHead && (await modelScorer(model, runtime, weights))
  const predictor = await closingOnError(scorer, () =>
    otherHeads(model).length > 0 ? headPredictor(model, runtime, weights) : undefined,
  )
  return {
    measure: async (sessions) => {
      const ranked =
        scorer && (await evaluateRanking(scorer, sessions, { ...ranking, maxLength: model.maxLength }))
      const measured =
        predictor &&
        (await measureHeads(predictor, sessions, { ...measureDefaults, model, batchSize: BATCH }))
      // Every head predicts the last event of the same sessions, whether its target is there or missing.
      const [first] = Object.values(measured ?? {})
      return {
        metrics: {
          ...(ranked && metricsOf(ranked)),
          ...Object.fromEntries(
            Object.entries(measured ?? {}).flatMap(([head, { metrics }]) =>
              Object.entries(metrics).map(([name, value]) => [`${head}/${name}`, value]),
            ),
          ),
        },
        sessions: ranked?.sessions ?? (first === undefined ? 0 : first.targets + first.missing),
      }
    },
    close: () => closeAll(scorer, predictor),
  }
}

/** What chooses the best epoch where nothing is said: `ndcg` at the first cutoff, or the main metric of the first head. */
export function defaultMetric({ heads, itemHead }: Model, ks: readonly number[]): string {
  if (itemHead !== undefined) return `ndcg@${ks[0] ?? 0}`
  const [first] = heads
  return `${first!.name}/${measureOf(first!).main}`
}

const metricsOf = (result: RankingResult): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(result).filter(([name, value]) => name.includes('@') && typeof value === 'number'),
  )
