import {
  constant,
  gather,
  greaterOrEqual,
  maximum,
  minimum,
  relu,
  reshape,
  sub,
  where,
  type Tensor,
} from '../graph/index.ts'
import { dropout, linear, norm, table, type Scope } from '../nn/index.ts'
import { aggregations, type Aggregation } from './aggregations.ts'
import { categoricalVectors, itemInitializer, listVectors } from './categorical.ts'
import { withContent } from './content.ts'
import { numberVectors } from './continuous.ts'
import type { EventInputs, FeatureSchema } from './feature-schema.ts'
import type { Inputs } from './input-options.ts'
import { pretrainedVectors } from './pretrained.ts'

/** Vectors of one feature: [batch, time, width]. */
export interface Vectors {
  readonly name: string
  readonly x: Tensor
  /** Whether it is a number as it is, of width 1: nothing to normalise or drop. */
  readonly plain?: boolean
}

export interface InteractionInputs {
  readonly schema: FeatureSchema
  readonly inputs: Inputs
  readonly events: EventInputs
  /** The model's. */
  readonly width: number
  /** Whether the item table is updated by the rows that a batch touched. */
  readonly itemUpdate: 'dense' | 'rows'
}

export interface Interactions {
  /** Interaction embeddings [batch, time, width]. */
  readonly x: Tensor
  /** The item table [items, item width], which a tied head scores with. */
  readonly itemTable: Tensor
}

/** Features that are a feature of every event: what is left out, values of lists, and what is fused after the block are none. */
export function eventFeatures(
  schema: FeatureSchema,
  { leaveOut, lists, context }: Inputs,
): { readonly categorical: readonly string[]; readonly continuous: readonly string[] } {
  const inLists = Object.values(lists).flatMap(({ of }) => of)
  const fused = context.fusion === 'repeat' ? [] : context.columns
  const own = (name: string): boolean => ![...leaveOut, ...inLists, ...fused].includes(name)
  return {
    categorical: Object.keys(schema.categorical).filter(own),
    continuous: schema.continuous.filter(own),
  }
}

/**
 * Turns what is known of an event into one vector: the vectors of all features, each normalised and dropped as asked for, aggregated, and merged to the model's width.
 * The embedding of padding is zero and stays so.
 */
export function interactions(scope: Scope, given: InteractionInputs): Interactions {
  const { schema, inputs, events, width, itemUpdate } = given
  const { itemWidth = width } = inputs
  const aggregation: Aggregation = aggregations[inputs.aggregation]
  const ownTable = table(scope.child('item'), schema.items, itemWidth, {
    initializer: itemInitializer(inputs),
    update: itemUpdate,
    byCode: true,
  })
  const itemTable =
    inputs.content === undefined
      ? ownTable
      : withContent(scope.child('content'), ownTable, { schema, inputs, width: itemWidth })
  const own = eventFeatures(schema, inputs)
  const pretrained = pretrainedVectors(scope.child('pretrained'), given)
  const common = aggregation.atModelWidth ? width : undefined
  const vectors = [
    { name: 'item', x: itemVectors(itemTable, events) },
    ...categoricalVectors(scope, own.categorical, { ...given, common }),
    ...listVectors(scope, { ...given, common }),
    ...pretrained,
    ...numberVectors(scope, own.continuous, { ...given, common }),
  ].map((each) => prepared(scope, each, inputs)) as [Vectors, ...Vectors[]]
  const aggregated = (): Tensor => {
    const x = aggregation.aggregate(scope, vectors)
    return inputs.merge.length === 0 ? x : merge(scope.child('merge'), x, inputs)
  }
  // A single feature at the model's width is there already; merge layers of their own sizes lead back to it.
  const isThere =
    inputs.merge.length === 0 && (aggregation.atModelWidth || (vectors.length === 1 && itemWidth === width))
  const x = vectors.length === 1 && isThere ? vectors[0].x : aggregated()
  return { x: isThere ? x : linear(scope.child('projection'), x, width), itemTable }
}

/** Those of the table, and for codes beyond it those of items that are added. */
function itemVectors(itemTable: Tensor, { items, added }: EventInputs): Tensor {
  if (added === undefined) return gather(itemTable, items)
  const size = itemTable.shape[0] as number
  const known = gather(itemTable, minimum(items, constant(size - 1, [], 'int32')))
  const beyond = gather(added, maximum(sub(items, constant(size, [], 'int32')), constant(0, [], 'int32')))
  const isAdded = greaterOrEqual(items, constant(size, [], 'int32'))
  return where(reshape(isAdded, [...items.shape, 1]), beyond, known)
}

/** Layer norm and dropout of one feature's vectors. */
function prepared(scope: Scope, { name, x, plain = false }: Vectors, inputs: Inputs): Vectors {
  if (plain) return { name, x, plain }
  const normalised = inputs.layerNorm ? norm(scope.child('feature_norm').child(name), x) : x
  return { name, x: dropout(scope.child('feature_dropout').child(name), normalised, inputs.dropout) }
}

function merge(scope: Scope, x: Tensor, { merge: sizes }: Inputs): Tensor {
  return sizes.reduce((from, size, at) => relu(linear(scope.child(at), from, size)), x)
}
