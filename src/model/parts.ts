import type { Block, BlockContext } from '../blocks/index.ts'
import {
  fuseContext,
  interactions,
  withContext,
  type EventInputs,
  type FeatureSchema,
  type Inputs,
  type Interactions,
} from '../inputs/index.ts'
import {
  cast,
  customGradient,
  expand,
  gemm,
  greater,
  input,
  mul,
  reshape,
  sub,
  where,
  type Tensor,
} from '../graph/index.ts'
import type { Head } from '../heads/index.ts'
import type { Masking } from '../masking/index.ts'
import { LARGE_TABLE, normal, type Scope } from '../nn/index.ts'

/** What a model is put together from. */
export interface Parts {
  readonly schema: FeatureSchema
  readonly inputs: Inputs
  readonly masking: Masking
  readonly block: Block
  readonly heads: readonly Head[]
  readonly maxLength: number
  readonly places: number
}

/** Where events stand: [batch, time] int32 each. */
export interface Places {
  /** 0 = padding, else the session's number within its row. */
  readonly segments: Tensor
  /** Place in the own session, from 0. */
  readonly positions: Tensor
  /** 0 where an event is shown, else its place in the order of prediction; where the masking predicts events themselves. */
  readonly order?: Tensor
  /** Whole seconds since the first event of the own session; where the block reads times. */
  readonly elapsed?: Tensor
}

/** A value of each feature for every event of every row: the names are those of a `Batch`. */
export function eventInputs({ schema }: Parts): EventInputs {
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

/** When events were, as an input [batch, time], where the block reads it. */
export const elapsedInput = ({ block }: Parts): Pick<Places, 'elapsed'> =>
  block.readsTimes === true ? { elapsed: input('elapsed', 'int32', ['batch', 'time']) } : {}

/** Width of item embeddings. */
export const itemWidthOf = ({ inputs, block }: Pick<Parts, 'inputs' | 'block'>): number =>
  inputs.itemWidth ?? block.inputWidth ?? block.width

/** Interaction embeddings of events as they are. */
export const embed = (
  { schema, inputs, block, heads }: Parts,
  scope: Scope,
  events: EventInputs,
): Interactions =>
  interactions(scope, {
    schema,
    inputs,
    events,
    width: block.inputWidth ?? block.width,
    itemUpdate:
      schema.items >= LARGE_TABLE &&
      inputs.content === undefined &&
      !heads.some(({ readsAllItems }) => readsAllItems)
        ? 'rows'
        : 'dense',
  })

/** What becomes of interaction embeddings [batch, time, width] before the block sees them: the same shape. */
export type Through = (x: Tensor) => Tensor

/** The whole way of events: their interaction embeddings, hidden where the masking says, through the block, and fused with the session's context. */
export function encodeEvents(
  parts: Parts,
  scope: Scope,
  given: EventInputs,
  { through = (x) => x, ...places }: Places & { readonly through?: Through | undefined },
): { readonly hidden: Tensor; readonly itemTable: Tensor } {
  const { schema, inputs, block } = parts
  const events = withContext(given, inputs.context.columns, places.positions)
  const { x, itemTable } = embed(parts, scope, events)
  const hidden = encode(parts, scope, through(x), places)
  return { hidden: fuseContext(scope, hidden, { schema, inputs, events, width: block.width }), itemTable }
}

/** Interaction embeddings [batch, time, width] → hidden states of the same shape, under the masking. What is hidden starts from one vector that is learnt. */
function encode(parts: Parts, scope: Scope, x: Tensor, places: Places): Tensor {
  const { masking } = parts
  if (places.order === undefined) return process(parts, scope, x, places)
  const width = x.shape.at(-1) as number
  const vector = scope.child('masking').parameter('vector', [width], normal(0.02), { decay: false })
  const hidden = expand(reshape(vector, [1, 1, width]), x.shape)
  // A masking with a second stream leaves the first one as it is.
  if (masking.attention(places).query !== undefined) return process(parts, scope, x, places, hidden)
  const isHidden = greater(reshape(places.order, [...places.order.shape, 1]), 0)
  return process(parts, scope, hide(x, isHidden, vector), places)
}

/** x [batch, time, width] with `vector` [width] where an event is hidden: isHidden [batch, time, 1]. Its gradient chooses by products, which are faster than choosing. */
function hide(x: Tensor, isHidden: Tensor, vector: Tensor): Tensor {
  const width = x.shape.at(-1) as number
  const chosen = where(isHidden, vector, x)
  return customGradient(chosen, [x, vector], (dy) => {
    const hidden = cast(isHidden, 'float32')
    const rows = (of: Tensor, size: number): Tensor => reshape(of, [-1, size])
    const dVector = gemm(rows(hidden, 1), rows(dy, width), { transposeA: true })
    return [mul(dy, sub(1, hidden)), reshape(dVector, [width])]
  })
}

/** The block alone, on embeddings as they are. */
export function process(
  { masking, block, places: maxLength }: Parts,
  scope: Scope,
  x: Tensor,
  places: Places,
  start?: Tensor,
): Tensor {
  const { bias, query } = masking.attention(places)
  const context: BlockContext = {
    masking: masking.kind,
    attentionBias: bias,
    segments: places.segments,
    positions: places.positions,
    ...(places.elapsed && { elapsed: places.elapsed }),
    maxLength,
    ...(start && query && { query: { start, attentionBias: query } }),
  }
  // `model` has checked that the block goes with the masking.
  return block.build(scope, x, context as BlockContext<never>)
}
