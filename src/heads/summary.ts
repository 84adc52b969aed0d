import {
  add,
  cast,
  cumulativeSum,
  div,
  equal,
  matmul,
  max,
  maximum,
  mul,
  reshape,
  softmax,
  sub,
  sum,
  where,
  type Tensor,
} from '../graph/index.ts'
import { linear, type Scope } from '../nn/index.ts'
import type { SessionStates } from './head.ts'

/** How the states of a session become one. Padding never counts. */
export const summaries = ['last', 'first', 'mean', 'max', 'attention'] as const
export type Summary = (typeof summaries)[number]

const HIDDEN = -1e9

/** The states of each session as one: [sessions, width]. `attention`: weighted by a softmax of a linear layer, which is learnt. */
export function summarise(scope: Scope, { hidden, present }: SessionStates, summary: Summary): Tensor {
  const [sessions, span, width] = hidden.shape as [string, string, number]
  const column = reshape(present, [sessions, span, 1])
  /** Weights [sessions, span] → weighted sum [sessions, width]. */
  const weighted = (weights: Tensor): Tensor =>
    reshape(matmul(reshape(weights, [sessions, 1, span]), hidden), [sessions, width])
  switch (summary) {
    case 'first':
      return weighted(mul(present, cast(equal(cumulativeSum(present, { axis: 1 }), 1), 'float32')))
    case 'last':
      return weighted(
        mul(present, cast(equal(cumulativeSum(present, { axis: 1, reverse: true }), 1), 'float32')),
      )
    case 'mean':
      return div(sum(mul(hidden, column), { axes: [1] }), maximum(sum(column, { axes: [1] }), 1))
    case 'max':
      return max(add(hidden, mul(sub(column, 1), -HIDDEN)), { axes: [1] })
    case 'attention': {
      const scores = reshape(linear(scope.child('attention'), hidden, 1), [sessions, span])
      return weighted(softmax(where(equal(present, 1), scores, HIDDEN)))
    }
  }
}
