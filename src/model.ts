import { RESERVED } from './codes.ts'
import { EnsuiteError } from './errors.ts'
import type { Block } from './blocks/index.ts'
import {
  contentValues,
  givenValues,
  keptWidths,
  resolveInputs,
  type FeatureSchema,
  type InputOptions,
  type Inputs,
} from './inputs/index.ts'
import { gradients, type Tensor } from './graph/index.ts'
import type { Head, ItemHead } from './heads/index.ts'
import type { Masking, MaskingKind } from './masking/index.ts'
import { checkHeads } from './model/check-heads.ts'
import { predictionsOf, trainingLoss, type LossOptions } from './model/losses.ts'
import { packed } from './model/packed.ts'
import type { Parts, Through } from './model/parts.ts'
import { recommending } from './model/recommending.ts'
import { embeddingGraphs, serving, type EmbeddingGraphs } from './model/serving.ts'
import { startingValues } from './model/starting-values.ts'
import { warmValues, type WarmStart } from './model/warm-start.ts'
import { rootScope, type Draw, type Mask, type Parameter } from './nn/index.ts'
import { checkNumber, checkOptions } from './options.ts'

export interface ModelOptions<Kind extends MaskingKind = MaskingKind> {
  /** How the features of an event become one vector. */
  readonly inputs?: InputOptions
  /** The vectors of `inputs.pretrained`, by its names: [codes * width] each, as `pretrainedTable` makes them. `in-weights`: the model is trained, and has these and `content` there. */
  readonly pretrained?: Readonly<Record<string, Float32Array>> | 'in-weights'
  /** What `inputs.content` names, of every item: as `itemContent` gives it, and of vectors `pretrainedTable`. */
  readonly content?: Readonly<Record<string, Float32Array>>
  readonly masking: Masking<Kind>
  /** It must go with the masking: another block is a compile error, and one at run time. */
  readonly block: Block<Kind>
  /** What is predicted, each under a name of its own. */
  readonly heads: readonly Head[]
  /** Longest session that the model reads, in events; older ones are cut off. Default 50. */
  readonly maxLength?: number
  /** What it goes on from, as `warmStart` gives it; the other options are those of the artifact. Default: nothing, all is drawn. */
  readonly warmStart?: WarmStart
}

/** Predictions of each head, by name; those of the item head are scores of every item. */
export type Predictions = Readonly<Record<string, Tensor>>

/** The parts put together for one schema: what can be trained, evaluated and served. Immutable; owns no weights. */
export interface Model {
  readonly schema: FeatureSchema
  readonly inputs: Inputs
  readonly masking: Masking
  readonly block: Block
  readonly heads: readonly Head[]
  /** The head that scores items; a model may have none. */
  readonly itemHead: ItemHead | undefined
  readonly maxLength: number
  /** What it asks of a batch: spread into the options of `planTraining` and `planEvaluation`. */
  readonly batchRules: {
    readonly masking: Masking
    /** The features that heads predict. */
    readonly columns: { readonly labels: readonly string[]; readonly sessions: readonly string[] }
    readonly context: readonly string[]
    readonly times: boolean
  }
  /** Places of the longest session in a batch: one more than `maxLength` where a target has a place. */
  readonly places: number
  readonly parameters: readonly Parameter[]
  /** Starting values of parameters that are given, by name; of a parameter by code perhaps of its first rows alone. */
  readonly pretrained: Readonly<Record<string, Float32Array>>
  /** The digest of the artifact that it goes on from. */
  readonly startedFrom?: string
  /** A packed batch, parameters and random numbers in, and with `shares` the weight of each of its means; the loss and a gradient a parameter out. */
  training(options?: LossOptions): TrainingGraph
  /** A packed batch and parameters in; predictions at each label or for each session out: [n, …]. */
  evaluation(): Predictions
  /**
   * Sessions padded at their end, each a row, and parameters in: predictions of what comes next, [batch, …], out. Nothing but features is needed. `through`: what becomes of interaction
   * embeddings before the block sees them, for those who ask what they do.
   */
  recommendation(through?: Through): Predictions
  /** The same as it is served, by the names of outputs; see `serving`. */
  serving(): Readonly<Record<string, Tensor>>
  /** Graphs of the vectors of items, events and new items. */
  embeddings(): EmbeddingGraphs
}

export interface TrainingGraph {
  /** The weighted sum of the heads' losses, a scalar. */
  readonly loss: Tensor
  readonly parameters: readonly Parameter[]
  /** In the order of `parameters`; none where one is not trained. */
  readonly gradients: readonly (Tensor | undefined)[]
  readonly masks: readonly Mask[]
  readonly draws: readonly Draw[]
}

/**
 * Puts schema, masking, block and heads together. Throws `OPTION_INVALID` for a masking that the block does not go with, for heads of one name, and for a head
 * that would see what it predicts; also for a `maxLength` that the table of positions of a block with weights does not have, and `SHAPE_MISMATCH` for weights that are not the block's, or not those of a model that it goes on from.
 */
export function model<Kind extends MaskingKind>(schema: FeatureSchema, options: ModelOptions<Kind>): Model {
  checkOptions('model', options, [
    'inputs',
    'pretrained',
    'content',
    'masking',
    'block',
    'heads',
    'maxLength',
    'warmStart',
  ])
  const { masking, block, heads, maxLength = 50, warmStart } = options
  checkParts(schema, options)
  checkNumber('model: maxLength', maxLength, { integer: true, min: 1, max: 100_000 })
  if (schema.items - RESERVED < 2) {
    throw new EnsuiteError(
      'ITEMS_TOO_FEW',
      `A model needs a catalogue of two items or more, received ${schema.items - RESERVED}. Check that the workflow names the right item column, and lower the minimum count.`,
    )
  }
  if (!block.supports.includes(masking.kind)) {
    throw new EnsuiteError(
      'OPTION_INVALID',
      `Block '${block.kind}' cannot be trained with masking '${masking.kind}'. It goes with: ${block.supports.join(', ')}.`,
    )
  }
  if (warmStart !== undefined && block.weights !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `model: it cannot go on from an artifact and start from the weights of ${block.weights.from}. Leave one out.`,
    )
  const inputs = resolveInputs(
    schema,
    warmStart === undefined
      ? options.inputs
      : keptWidths(schema, options.inputs ?? {}, { before: warmStart.before, width: block.width }),
  )
  checkHeads(schema, inputs, heads)
  const parts: Parts = {
    schema,
    inputs,
    masking,
    block,
    heads,
    maxLength,
    places: placesOf(masking, maxLength),
  }
  const train = (options?: LossOptions) => {
    const scope = rootScope('train')
    return { scope, loss: trainingLoss(parts, scope, options) }
  }
  const { parameters } = train().scope
  const given = {
    ...givenValues(schema, inputs, options.pretrained),
    ...(options.pretrained !== 'in-weights' && contentValues(schema, inputs, options.content)),
    ...startingValues(parts, parameters),
  }
  return Object.freeze<Model>({
    ...parts,
    itemHead: heads.find(isItemHead),
    batchRules: {
      masking,
      columns: { labels: targetsOf(heads, 'labels'), sessions: targetsOf(heads, 'sessions') },
      context: inputs.context.columns,
      times: block.readsTimes === true,
    },
    parameters,
    pretrained: { ...given, ...(warmStart && warmValues(warmStart, { schema, parameters, given })) },
    ...(warmStart && { startedFrom: warmStart.digest }),
    training: (options) => {
      const { scope, loss } = train(options)
      const { parameters, masks, draws } = scope
      const trained = parameters.filter((each) => each.trainable)
      const found = gradients(
        loss,
        trained.map((each) => each.tensor),
      )
      const own = parameters.map((each) => found[trained.indexOf(each)])
      return { loss, parameters, gradients: own, masks, draws }
    },
    evaluation: () => {
      const scope = rootScope('evaluate')
      return predictionsOf(parts, scope, packed(parts, scope).states)
    },
    recommendation: (through) => {
      const scope = rootScope('recommend')
      return predictionsOf(parts, scope, recommending(parts, scope, { through }))
    },
    serving: () => serving(parts),
    embeddings: () => embeddingGraphs(parts),
  })
}

/** Throws `OPTION_INVALID` for parts that are none: JavaScript is told by no compiler. */
function checkParts(
  schema: FeatureSchema,
  { masking, block, heads }: { readonly masking: unknown; readonly block: unknown; readonly heads: unknown },
): void {
  const given = Object(schema) as Partial<FeatureSchema>
  if (typeof given.items !== 'number' || !Array.isArray(given.continuous))
    throw new EnsuiteError(
      'OPTION_INVALID',
      'model expects the schema of a fitted workflow first: model(fitted.schema, { masking, block, heads }).',
    )
  const parts: readonly (readonly [string, unknown, string, string])[] = [
    ['masking', masking, 'targets', 'masking.causal()'],
    ['block', block, 'build', 'blocks.sasrec({ width: 64, layers: 2, heads: 2 })'],
    ...(heads instanceof Array ? (heads as readonly unknown[]) : []).map(
      (head, at) => [`heads[${at}]`, head, 'loss', 'heads.nextItem()'] as const,
    ),
  ]
  for (const [name, part, method, example] of parts)
    if (typeof (Object(part) as Readonly<Record<string, unknown>>)[method] !== 'function')
      throw new EnsuiteError(
        'OPTION_INVALID',
        `model: ${name} is what a call such as ${example} gives, received something else.`,
      )
}

const isItemHead = (head: Head): head is ItemHead => head.kind === 'next-item'

const targetsOf = (heads: readonly Head[], predicts: Head['predicts']): readonly string[] => [
  ...new Set(heads.flatMap((head) => (head.predicts === predicts ? (head.target ?? []) : []))),
]

const placesOf = ({ predicts }: Masking, maxLength: number): number =>
  predicts === 'itself' ? maxLength + 1 : maxLength
