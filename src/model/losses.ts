import { RESERVED } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import { withContext, type EventInputs } from '../inputs/index.ts'
import {
  add,
  cast,
  constant,
  gather,
  greater,
  input,
  mul,
  range,
  reshape,
  where,
  type Tensor,
} from '../graph/index.ts'
import type { Head, HeadStates, HeadTargets, ItemHead } from '../heads/index.ts'
import type { RootScope, Scope } from '../nn/index.ts'
import { embed, process, type Parts } from './parts.ts'
import { packed, type Packed } from './packed.ts'

/** Where the parameters of a head are. */
export const placeOf = (scope: Scope, { name }: Head): Scope =>
  scope.child(name === 'next-item' ? 'head' : `head.${name}`)

/** The predictions of each head, by name. */
export const predictionsOf = (
  { heads }: Parts,
  scope: Scope,
  states: HeadStates,
): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(heads.map((head) => [head.name, head.predictions(placeOf(scope, head), states)]))

/** The input that a mean of the loss is multiplied by, where a batch is one of several that are learnt from together. */
export const shareInput = (term: string): string => `share.${term}`
/** The mean of the masking's own loss, beside those of the heads by their names. */
export const AUXILIARY = ':masking'

export interface LossOptions {
  /** Whether each mean is multiplied by an input, its share among several batches; default false. */
  readonly shares?: boolean
}

/** The loss of a packed batch: that of the heads, by their weights, and of the masking where it has one. */
export function trainingLoss(parts: Parts, scope: RootScope, { shares = false }: LossOptions = {}): Tensor {
  const shared = (term: string, loss: Tensor): Tensor =>
    shares ? mul(loss, input(shareInput(term), 'float32', [])) : loss
  const { heads, masking, schema } = parts
  const batch = packed(parts, scope)
  const items = input('labelItems', 'int32', ['labels'])
  // One input a feature, however many heads predict it.
  const made = new Map<string, Tensor>()
  const column = (of: string, size: string) => (name: string) => {
    const full = `${of}.${name}`
    const own =
      made.get(full) ?? input(full, Object.hasOwn(schema.categorical, name) ? 'int32' : 'float32', [size])
    made.set(full, own)
    return own
  }
  const targets: HeadTargets = {
    items,
    sessions: () => labelSessions(batch),
    ofLabels: column('labelTarget', 'labels'),
    ofSessions: column('sessionTarget', 'sessions'),
  }
  const losses = heads.map((head) => {
    const loss = shared(head.name, head.loss(placeOf(scope, head), batch.states, targets))
    return head.weight === 1 ? loss : mul(loss, head.weight)
  })
  const loss = losses.reduce((all, each) => add(all, each))
  const { auxiliary } = masking
  if (auxiliary === undefined) return loss
  return add(
    auxiliary.weight === 1 ? loss : mul(loss, auxiliary.weight),
    shared(AUXILIARY, auxiliary.loss(auxiliaryInputs(parts, scope, batch, items))),
  )
}

/** Rows of a packed batch have fewer sessions than this, and a batch fewer rows. */
const SESSIONS_A_ROW = 65_536

/** The session of each label as a number that no other session of the batch has: [labels] int32. */
function labelSessions({ places: { segments }, labelPositions }: Packed): Tensor {
  const rows = segments.shape[0]!
  const first = mul(reshape(cast(range(rows), 'int32'), [rows, 1]), constant(SESSIONS_A_ROW, [], 'int32'))
  return gather(reshape(add(segments, first), [-1]), labelPositions)
}

function auxiliaryInputs(parts: Parts, scope: RootScope, batch: Packed, labelItems: Tensor) {
  const { events, states, labelPositions, places } = batch
  const order = places.order!
  const labelAt = input('labelAt', 'int32', ['batch', 'time'])
  const head = parts.heads.find((each): each is ItemHead => each.kind === 'next-item')
  if (head === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `Masking '${parts.masking.kind}' samples items: it needs heads.nextItem among the heads.`,
    )
  const ofHead = placeOf(scope, head).again()
  /** A value a label, in place of what the labels' places have. */
  const exchange = (x: Tensor, values: Tensor): Tensor => where(greater(order, 0), gather(values, labelAt), x)
  const again = (changed: EventInputs): Tensor =>
    embed(parts, scope.again(), withContext(changed, parts.inputs.context.columns, places.positions)).x
  return {
    scope,
    segments: places.segments,
    order,
    labelAt,
    labelItems,
    reserved: RESERVED,
    scores: () => head.predictions(ofHead, states),
    scoresOf: (codes: Tensor) => head.scoresOf(ofHead, states, codes),
    exchangedItems: (codes: Tensor) => again({ ...events, items: exchange(events.items, codes) }),
    exchangedEvents: (labels: Tensor) => {
      const other = (x: Tensor): Tensor =>
        exchange(x, gather(gather(reshape(x, [-1]), labelPositions), labels))
      const all = (columns: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>> =>
        Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, other(column)]))
      return again({
        items: other(events.items),
        categorical: all(events.categorical),
        continuous: all(events.continuous),
      })
    },
    encode: (x: Tensor, own?: Scope) => process(parts, own ?? scope.again(), x, places),
  }
}
