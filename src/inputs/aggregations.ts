import { add, concat, mul, type Tensor } from '../graph/index.ts'
import type { Scope } from '../nn/index.ts'
import type { Vectors } from './interactions.ts'

/** One way to make one vector of those of all features. A new one is an entry of `aggregations`. */
export interface Aggregation {
  /** Whether every feature has the model's width; else each has its own, and a linear layer takes them to the model's. */
  readonly atModelWidth: boolean
  /** The item's vectors, then those of each other feature: [batch, time, its width] → [batch, time, width]. */
  readonly aggregate: (scope: Scope, vectors: readonly [Vectors, ...Vectors[]]) => Tensor
}

const sum = (all: readonly Tensor[]): Tensor => all.reduce((left, right) => add(left, right))

export const aggregations = {
  /** All beside each other. */
  concat: {
    atModelWidth: false,
    aggregate: (_, vectors) =>
      concat(
        vectors.map(({ x }) => x),
        { axis: -1 },
      ),
  },
  /** Added. */
  sum: { atModelWidth: true, aggregate: (_, vectors) => sum(vectors.map(({ x }) => x)) },
  /** The item times 1 + the sum of the others: de Souza Pereira Moreira et al. 2021. */
  'item-product': {
    atModelWidth: true,
    aggregate: (_, [item, ...others]) =>
      others.length === 0 ? item.x : mul(item.x, add(sum(others.map(({ x }) => x)), 1)),
  },
  /** Added, with a weight a feature that is learnt. */
  stack: {
    atModelWidth: true,
    aggregate: (scope, vectors) =>
      sum(
        vectors.map(({ name, x }) =>
          mul(
            x,
            scope.child('stack').child(name).parameter('weight', [1], { kind: 'ones' }, { decay: false }),
          ),
        ),
      ),
  },
} as const satisfies Readonly<Record<string, Aggregation>>

export type AggregationKind = keyof typeof aggregations
