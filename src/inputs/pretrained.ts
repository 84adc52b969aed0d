import { gather } from '../graph/index.ts'
import { linear, type Scope } from '../nn/index.ts'
import { aggregations } from './aggregations.ts'
import type { InteractionInputs, Vectors } from './interactions.ts'

/** The vectors that are given, each through a linear layer. */
export function pretrainedVectors(
  scope: Scope,
  { schema, inputs, events, width }: InteractionInputs,
): readonly Vectors[] {
  return Object.entries(inputs.pretrained).map(
    ([name, { of, width: own, trainable = false, projection }]) => {
      const [codes, rows] =
        of === undefined ? [events.items, schema.items] : [events.categorical[of]!, schema.categorical[of]!]
      const vectors = scope
        .child(name)
        .parameter('weight', [rows, own], { kind: 'given' }, { decay: false, trainable })
      const target = aggregations[inputs.aggregation].atModelWidth ? width : (projection ?? width)
      return { name, x: linear(scope.child(name).child('projection'), gather(vectors, codes), target) }
    },
  )
}

/** The parameter of a table that is given. */
export const pretrainedParameter = (name: string): string => `pretrained.${name}.weight`
