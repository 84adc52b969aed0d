import { RESERVED } from '../codes.ts'
import { batchFeeds } from '../data/batch-feeds.ts'
import { EnsuiteError } from '../errors.ts'
import { graph, type Runtime } from '../graph/index.ts'
import type { Model } from '../model.ts'
import { checkModel } from '../model/check-model.ts'
import { checkRuntime } from '../options.ts'
import type { Scorer } from '../baselines/scorer.ts'
import { weightFeeds } from './weight-feeds.ts'

export interface ModelScorer extends Scorer {
  readonly items: number
  readonly maxLength: number
  readonly close: () => Promise<void>
}

/**
 * Scores with a model, on packed batches. `weights`: a value a parameter, by name, as `train` and `loadModel` give them; they are read at every call, so they may go on being trained.
 * Throws `OPTION_INVALID` for what is no model or no runtime, and for a model without `heads.nextItem`, `SHAPE_MISMATCH` for weights that are not the model's.
 */
export async function modelScorer(
  model: Model,
  runtime: Runtime,
  weights: Readonly<Record<string, Float32Array>>,
): Promise<ModelScorer> {
  checkModel('modelScorer', model)
  checkRuntime('modelScorer', runtime)
  const { itemHead } = model
  if (itemHead === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `The model scores no items: its heads are ${model.heads.map(({ name }) => name).join(', ')}. Give it heads.nextItem() to rank with it, or measure it with evaluateHeads.`,
    )
  const feeds = weightFeeds(model, weights)
  const program = await runtime.compile(graph({ scores: model.evaluation()[itemHead.name]! }))
  return {
    name: model.block.kind,
    batchRules: model.batchRules,
    items: model.schema.items - RESERVED,
    maxLength: model.maxLength,
    score: async (batch) => {
      const { scores } = await program.run({ ...feeds, ...batchFeeds(batch, { withLabels: false }) })
      return scores!.data as Float32Array
    },
    close: () => program.close(),
  }
}
