import { EnsuiteError } from '../errors.ts'
import type { TensorData } from '../graph/index.ts'
import type { Model } from '../model.ts'

/** Weights by parameter name, as a graph is fed with them. Throws `SHAPE_MISMATCH` where they are not the model's. */
export const weightFeeds = (
  model: Model,
  weights: Readonly<Record<string, Float32Array>>,
): Readonly<Record<string, TensorData>> =>
  Object.fromEntries(
    model.parameters.map(({ name, shape }) => {
      const data = Object.hasOwn(Object(weights) as object, name) ? weights[name] : undefined
      const expected = shape.reduce((all, dim) => all * dim, 1)
      if (data?.length === expected) return [name, { dtype: 'float32', dims: shape, data }]
      throw new EnsuiteError(
        'SHAPE_MISMATCH',
        `Parameter '${name}' expects ${expected} weights, received ${data?.length ?? 'none'}. Give the weights that this model was trained to.`,
      )
    }),
  )
