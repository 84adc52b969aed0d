import { concat, matmul, reshape, softmax, type Tensor } from '../graph/index.ts'
import { linear, normal, type Scope } from '../nn/index.ts'
import type { InteractionInputs, Vectors } from './interactions.ts'

/** The deviation that soft embeddings start with, as the paper's code. */
const SOFT_DEVIATION = 0.05

type Given = Omit<InteractionInputs, 'itemUpdate'> & { readonly common: number | undefined }

/** The vectors of numbers, as `inputs.continuous` says; at the common width, where there is one. */
export function numberVectors(scope: Scope, names: readonly string[], given: Given): readonly Vectors[] {
  const { inputs, events, width, common } = given
  if (names.length === 0) return []
  const own = scope.child('continuous')
  const columns = names.map((name) => {
    const x = events.continuous[name]!
    return { name, x: reshape(x, [...x.shape, 1]) }
  })
  switch (inputs.continuous) {
    case 'plain':
      // A number has no vector of the model's width: together they make one.
      return common === undefined
        ? columns.map((each) => ({ ...each, plain: true }))
        : [{ name: 'continuous', x: linear(own, joined(columns), common) }]
    case 'together':
      return [{ name: 'continuous', x: linear(own, joined(columns), common ?? width) }]
    case 'each':
      return columns.map(({ name, x }) => ({ name, x: linear(own.child(name), x, common ?? width) }))
    case 'soft':
      return columns.map(({ name, x }) => ({
        name,
        x: softEmbedding(own.child(name), x, {
          vectors: inputs.soft!.vectors,
          width: common ?? inputs.soft!.width,
        }),
      }))
  }
}

const joined = (columns: readonly { readonly x: Tensor }[]): Tensor =>
  columns.length === 1
    ? columns[0]!.x
    : concat(
        columns.map(({ x }) => x),
        { axis: -1 },
      )

/** A number as a mixture of vectors: softmax(w·x + b)·E, x [..., 1] → [..., width]. The soft one-hot encoding of de Souza Pereira Moreira et al. 2021. */
function softEmbedding(
  scope: Scope,
  x: Tensor,
  { vectors, width }: { readonly vectors: number; readonly width: number },
): Tensor {
  const weights = softmax(linear(scope.child('projection'), x, vectors, { initializer: normal(1) }))
  const table = scope.child('table').parameter('weight', [vectors, width], normal(SOFT_DEVIATION))
  return matmul(weights, table)
}
