import { UNKNOWN } from '../codes.ts'
import { constant, gather, greaterOrEqual, where, type Tensor } from '../graph/index.ts'
import { linear, type Scope } from '../nn/index.ts'
import { aggregations } from './aggregations.ts'
import type { EventInputs, FeatureSchema } from './feature-schema.ts'
import type { InteractionInputs, Vectors } from './interactions.ts'

/** The vectors that are given, each through a linear layer. */
export function pretrainedVectors(
  scope: Scope,
  { schema, inputs, events, width }: InteractionInputs,
): readonly Vectors[] {
  return Object.entries(inputs.pretrained).map(
    ([name, { of, width: own, trainable = false, projection }]) => {
      const [codes, rows] =
        of === undefined
          ? [knownItems(events, schema), schema.items]
          : [events.categorical[of]!, schema.categorical[of]!]
      const vectors = scope
        .child(name)
        .parameter('weight', [rows, own], { kind: 'given' }, { decay: false, trainable, byCode: true })
      const target = aggregations[inputs.aggregation].atModelWidth ? width : (projection ?? width)
      return { name, x: linear(scope.child(name).child('projection'), gather(vectors, codes), target) }
    },
  )
}

/** Items that are added have no vector here: they count as unknown. */
function knownItems({ items, added }: EventInputs, { items: size }: FeatureSchema): Tensor {
  const unknown = constant(UNKNOWN, [], 'int32')
  return added === undefined
    ? items
    : where(greaterOrEqual(items, constant(size, [], 'int32')), unknown, items)
}

/** The parameter of a table that is given. */
export const pretrainedParameter = (name: string): string => `pretrained.${name}.weight`
