import { batchFeeds } from '../data/batch-feeds.ts'
import { type Batch, planEvaluation } from '../data/batches.ts'
import { knownEvents } from '../data/known-events.ts'
import type { Sessions } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import { graph, type Runtime } from '../graph/index.ts'
import type { Head } from '../heads/index.ts'
import type { Model } from '../model.ts'
import { weightFeeds } from './weight-feeds.ts'

/** The heads of a model that predict something else than the item. */
export const otherHeads = ({ heads, itemHead }: Pick<Model, 'heads' | 'itemHead'>): readonly Head[] =>
  heads.filter((head) => head !== itemHead)

export interface PredictOptions {
  readonly batchSize: number
  /** Called after each batch, with the number of batches. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void
}

/** Predictions of a batch by head: [sessions] each, of classes [sessions, classes], in the order of `batch.sessionIndices`. */
export type HeadPredictions = Readonly<Record<string, Float32Array>>

export interface HeadPredictor {
  /**
   * What each head that is not the item's predicts of the last event of each session, given the known events before it, as a recommender reads them. Sessions in which nothing is known
   * before it are left out.
   */
  predict(
    sessions: Sessions,
    visit: (batch: Batch, predictions: HeadPredictions) => void,
    options: PredictOptions,
  ): Promise<void>
  close(): Promise<void>
}

/** Predicts with a model, on packed batches. `weights` are read at every call, so they may go on being trained. Throws `OPTION_INVALID` for a model whose one head scores items. */
export async function headPredictor(
  model: Model,
  runtime: Runtime,
  weights: Readonly<Record<string, Float32Array>>,
): Promise<HeadPredictor> {
  const heads = otherHeads(model)
  if (heads.length === 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'The model has no head but that of the next item. Measure it with evaluateRanking, or give it heads.binary, heads.multiClass or heads.regression.',
    )
  const feeds = weightFeeds(model, weights)
  const predictions = model.evaluation()
  const program = await runtime.compile(
    graph(Object.fromEntries(heads.map(({ name }) => [name, predictions[name]!]))),
  )
  return {
    predict: async (sessions, visit, { batchSize, onProgress }) => {
      const known = knownEvents(sessions, { keepTargets: true })
      const plan = planEvaluation(known, { maxLength: model.maxLength, batchSize, ...model.batchRules })
      for (let at = 0; at < plan.count; at++) {
        const batch = plan.batch(at)
        const outputs = await program.run({ ...feeds, ...batchFeeds(batch, { withLabels: false }) })
        visit(batch, Object.fromEntries(heads.map(({ name }) => [name, outputs[name]!.data as Float32Array])))
        onProgress?.({ done: at + 1, total: plan.count })
      }
    },
    close: () => program.close(),
  }
}
