import {
  add,
  and,
  cast,
  cumulativeSum,
  equal,
  expand,
  greater,
  matmul,
  not,
  pad,
  range,
  reshape,
  sum,
  type Tensor,
} from '../graph/index.ts'
import { PADDING } from '../codes.ts'
import type { EventInputs } from '../inputs/index.ts'
import type { HeadStates } from '../heads/index.ts'
import type { Scope } from '../nn/index.ts'
import { elapsedInput, encodeEvents, eventInputs, type Parts, type Through } from './parts.ts'

/**
 * The states of sessions that go on, a row each, padded at the end. What comes next is read at the last event, or at a place that is appended and hidden.
 * `added`: embeddings of items that the catalogue has got since [added, item width].
 */
export function recommending(
  parts: Parts,
  scope: Scope,
  { added, through }: { readonly added?: Tensor | undefined; readonly through?: Through | undefined } = {},
): HeadStates {
  const appends = parts.masking.predicts === 'itself'
  const given = { ...eventInputs(parts), ...(added && { added }) }
  const events = appends ? withPlace(given) : given
  const [batch, time] = events.items.shape as [string, string]
  const places = expand(reshape(cast(range(time), 'int32'), [1, time]), [batch, time])
  const present = cast(not(equal(events.items, PADDING)), 'int32')
  const counts = sum(present, { axes: [1], keepDims: true })
  const isNext = cast(equal(places, counts), 'int32')
  const segments = appends ? add(present, isNext) : present
  const { hidden, itemTable } = encodeEvents(parts, scope, events, {
    segments,
    positions: places,
    ...elapsedInput(parts),
    ...(appends && { order: isNext }),
    through,
  })
  return {
    hidden: lastOf(hidden, segments),
    itemTable,
    sessions: { hidden, present: cast(greater(segments, 0), 'float32') },
  }
}

/** The state at each row's last place, as a product with a one-hot row: hidden [batch, time, width] → [batch, width]. */
function lastOf(hidden: Tensor, segments: Tensor): Tensor {
  const [batch, time, width] = hidden.shape as [string, string, number]
  const after = cumulativeSum(segments, { axis: 1, reverse: true })
  const last = cast(and(equal(after, 1), greater(segments, 0)), 'float32')
  return reshape(matmul(reshape(last, [batch, 1, time]), hidden), [batch, width])
}

/** Events with room for one more at the end. */
function withPlace({ items, categorical, continuous, added }: EventInputs): EventInputs {
  const longer = (x: Tensor): Tensor => pad(x, { axis: 1, before: 0, after: 1 })
  const all = (columns: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>> =>
    Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, longer(column)]))
  return {
    items: longer(items),
    categorical: all(categorical),
    continuous: all(continuous),
    ...(added && { added }),
  }
}
