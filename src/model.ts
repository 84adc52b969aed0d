import { PADDING, RESERVED } from './codes.ts'
import { EnsuiteError } from './errors.ts'
import type { Block, BlockContext } from './blocks/index.ts'
import { interactions, type EventInputs, type FeatureSchema } from './features/index.ts'
import {
  cast,
  constant,
  cumulativeSum,
  equal,
  expand,
  gather,
  gradients,
  input,
  matmul,
  not,
  range,
  reshape,
  where,
  type Tensor,
} from './graph/index.ts'
import type { Head } from './heads/index.ts'
import type { Masking, MaskingKind } from './masking/index.ts'
import { rootScope, type Mask, type Mode, type Parameter, type RootScope } from './nn/index.ts'
import { checkNumber, checkOptions } from './options.ts'

export interface ModelOptions<Kind extends MaskingKind = MaskingKind> {
  readonly masking: Masking<Kind>
  /** Its `supports` must name the masking: another block is a compile error, and one at run time. */
  readonly block: Block<Kind>
  readonly head: Head
  /** Longest session that the model reads, in events; older ones are cut off. Default 50. */
  readonly maxLength?: number
}

/** The parts put together for one schema: what can be trained, evaluated and served. Immutable; owns no weights. */
export interface Model {
  readonly schema: FeatureSchema
  readonly masking: Masking
  readonly block: Block
  readonly head: Head
  readonly maxLength: number
  readonly parameters: readonly Parameter[]
  /** A packed batch, parameters and dropout masks in; the loss and a gradient a parameter out. */
  training(): TrainingGraph
  /** A packed batch and parameters in; scores of every item at each label position out: [labels, items − reserved]. */
  evaluation(): Tensor
  /** Sessions padded at their end, each a row, and parameters in: scores [batch, items − reserved] out. Nothing but codes is needed. */
  recommendation(): Tensor
}

export interface TrainingGraph {
  /** The mean loss over the labels, a scalar. */
  readonly loss: Tensor
  readonly parameters: readonly Parameter[]
  /** In the order of `parameters`. */
  readonly gradients: readonly Tensor[]
  readonly masks: readonly Mask[]
}

/** Puts schema, masking, block and head together. Throws `OPTION_INVALID` for a masking that the block does not go with. */
export function model<Kind extends MaskingKind>(schema: FeatureSchema, options: ModelOptions<Kind>): Model {
  checkOptions('model', options, ['masking', 'block', 'head', 'maxLength'])
  const { masking, block, head, maxLength = 50 } = options
  checkNumber('model: maxLength', maxLength, { integer: true, min: 1, max: 100_000 })
  if (schema.items - RESERVED < 2) {
    throw new EnsuiteError(
      'ITEMS_TOO_FEW',
      `A model needs a catalogue of two items or more, received ${schema.items - RESERVED}. Check that the workflow names the right item column, and lower the minimum count.`,
    )
  }
  const supported: readonly MaskingKind[] = block.supports
  if (!supported.includes(masking.kind)) {
    throw new EnsuiteError(
      'OPTION_INVALID',
      `Block '${block.kind}' cannot be trained with masking '${masking.kind}'. It goes with: ${supported.join(', ')}.`,
    )
  }
  const parts: Parts = { schema, masking, block, head, maxLength }
  return Object.freeze({
    ...parts,
    parameters: declaredParameters(parts),
    training: () => {
      const { scope, hidden, itemTable } = packedHidden(parts, 'train')
      const loss = head.loss(scope.child('head'), hidden, input('labelItems', 'int32', ['labels']), {
        itemTable,
      })
      const { parameters, masks } = scope
      return {
        loss,
        parameters,
        gradients: gradients(
          loss,
          parameters.map((each) => each.tensor),
        ),
        masks,
      }
    },
    evaluation: () => {
      const { scope, hidden, itemTable } = packedHidden(parts, 'evaluate')
      return head.scores(scope.child('head'), hidden, { itemTable })
    },
    recommendation: () => recommendation(parts),
  })
}

/** Every parameter that training has, the head's included. */
function declaredParameters(parts: Parts): readonly Parameter[] {
  const { scope, hidden, itemTable } = packedHidden(parts, 'train')
  parts.head.loss(scope.child('head'), hidden, input('labelItems', 'int32', ['labels']), { itemTable })
  return scope.parameters
}

interface Parts {
  readonly schema: FeatureSchema
  readonly masking: Masking
  readonly block: Block
  readonly head: Head
  readonly maxLength: number
}

interface Hidden {
  readonly scope: RootScope
  readonly hidden: Tensor
  readonly itemTable: Tensor
}

/** A value of each feature for every event of every row: the names are those of a `Batch`. */
function eventInputs({ schema }: Parts): EventInputs {
  const codes = (name: string): Tensor => input(name, 'int32', ['batch', 'time'])
  return {
    items: codes('items'),
    categorical: Object.fromEntries(
      Object.keys(schema.categorical).map((name) => [name, codes(`categorical.${name}`)]),
    ),
    continuous: Object.fromEntries(
      schema.continuous.map((name) => [name, input(`continuous.${name}`, 'float32', ['batch', 'time'])]),
    ),
  }
}

/** Hidden states [batch, time, width] of rows whose events belong to `segments` and stand at `positions` there. */
function encode(
  parts: Parts,
  scope: RootScope,
  events: EventInputs,
  segments: Tensor,
  positions: Tensor,
): Hidden {
  const { schema, masking, block, maxLength } = parts
  const { x, itemTable } = interactions(scope, schema, events, block.width)
  const context: BlockContext = {
    masking: masking.kind,
    attentionBias: masking.attentionBias(segments),
    positions,
    maxLength,
  }
  // `model` has checked that the block goes with the masking.
  const hidden = block.build(scope, x, context as BlockContext<never>)
  return { scope, hidden, itemTable }
}

/** Hidden states [labels, width] at the label positions of a packed batch. */
function packedHidden(parts: Parts, mode: Mode): Hidden {
  const scope = rootScope(mode)
  const whole = encode(
    parts,
    scope,
    eventInputs(parts),
    input('segments', 'int32', ['batch', 'time']),
    input('positions', 'int32', ['batch', 'time']),
  )
  const rows = reshape(whole.hidden, [-1, parts.block.width])
  return { ...whole, hidden: gather(rows, input('labelPositions', 'int32', ['labels']), { unique: true }) }
}

function recommendation(parts: Parts): Tensor {
  const scope = rootScope('recommend')
  const events = eventInputs(parts)
  const present = cast(not(equal(events.items, PADDING)), 'int32')
  const places = expand(reshape(cast(range('time'), 'int32'), [1, 'time']), ['batch', 'time'])
  const { hidden, itemTable } = encode(parts, scope, events, present, places)
  // The last event of each row as a product with a one-hot row: [batch, 1, time] × [batch, time, width].
  const after = cumulativeSum(present, { axis: 1, reverse: true })
  const last = where(equal(after, 1), cast(present, 'float32'), constant(0))
  const final = reshape(matmul(reshape(last, ['batch', 1, 'time']), hidden), ['batch', parts.block.width])
  return parts.head.scores(scope.child('head'), final, { itemTable })
}
