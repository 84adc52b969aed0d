import { RESERVED } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { Runtime } from '../graph/index.ts'
import type { Model } from '../model.ts'
import { checkModel } from '../model/check-model.ts'
import { checkRuntime } from '../options.ts'
import type { BeyondOptions } from './item-facts.ts'
import { weightFeeds } from './weight-feeds.ts'

/**
 * A model's own vectors of its items, whose products with a session's state are its scores: for `beyond.vectors` of `evaluateRanking`.
 * Throws `OPTION_INVALID` for what is no model or no runtime, and for a model without `heads.nextItem`, `SHAPE_MISMATCH` for weights that are not the model's.
 */
export async function itemVectors(
  model: Model,
  runtime: Runtime,
  weights: Readonly<Record<string, Float32Array>>,
): Promise<NonNullable<BeyondOptions['vectors']>> {
  checkModel('itemVectors', model)
  checkRuntime('itemVectors', runtime)
  const { items } = model.embeddings()
  if (items === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `The model has no vectors of items: its heads are ${model.heads.map(({ name }) => name).join(', ')}. Give it heads.nextItem().`,
    )
  const program = await runtime.compile(items)
  try {
    const { vectors } = await program.run(weightFeeds(model, weights))
    const values = vectors!.data as Float32Array
    return { values, width: values.length / (model.schema.items - RESERVED) }
  } finally {
    await program.close()
  }
}
