import { batchFeeds } from '../data/batch-feeds.ts'
import { EnsuiteError } from '../errors.ts'
import { graph, type Runtime, type TensorData } from '../graph/index.ts'
import type { Model } from '../model.ts'
import type { Scorer } from './scorer.ts'

export interface ModelScorer extends Scorer {
  readonly close: () => Promise<void>
}

/** Scores with a model, on packed batches. `weights`: a value a parameter, by name, as `train` and `loadModel` give them; they are read at every call, so they may go on being trained. */
export async function modelScorer(
  model: Model,
  runtime: Runtime,
  weights: Readonly<Record<string, Float32Array>>,
): Promise<ModelScorer> {
  const { itemHead } = model
  if (itemHead === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'The model scores no items. Give it heads.nextItem() to rank with it.',
    )
  const program = await runtime.compile(graph({ scores: model.evaluation()[itemHead.name]! }))
  const feeds = weightFeeds(model, weights)
  return {
    name: model.block.kind,
    batchRules: model.batchRules,
    score: async (batch) => {
      const { scores } = await program.run({ ...feeds, ...batchFeeds(batch, { withLabels: false }) })
      return scores!.data as Float32Array
    },
    close: () => program.close(),
  }
}

/** Weights by parameter name, as a graph is fed with them. */
const weightFeeds = (
  model: Model,
  weights: Readonly<Record<string, Float32Array>>,
): Readonly<Record<string, TensorData>> =>
  Object.fromEntries(
    model.parameters.map(({ name, shape }) => [
      name,
      { dtype: 'float32', dims: shape, data: weights[name]! },
    ]),
  )
