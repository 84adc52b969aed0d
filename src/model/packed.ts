import {
  cast,
  constant,
  gather,
  greaterOrEqual,
  input,
  maximum,
  reshape,
  type Tensor,
} from '../graph/index.ts'
import type { EventInputs } from '../inputs/index.ts'
import type { HeadStates } from '../heads/index.ts'
import type { Scope } from '../nn/index.ts'
import { elapsedInput, encodeEvents, eventInputs, type Parts, type Places } from './parts.ts'

/** A packed batch on its way through the model. */
export interface Packed {
  readonly events: EventInputs
  readonly places: Places
  /** [labels] int32: places as row * time + column. */
  readonly labelPositions: Tensor
  readonly states: HeadStates
}

/** The states of a packed batch: the names of the inputs are those of a `Batch`. */
export function packed(parts: Parts, scope: Scope): Packed {
  const grid = (name: string): Tensor => input(name, 'int32', ['batch', 'time'])
  const events = eventInputs(parts)
  const places: Places = {
    segments: grid('segments'),
    positions: grid('positions'),
    ...elapsedInput(parts),
    ...(parts.masking.predicts === 'itself' && { order: grid('order') }),
  }
  const { hidden, itemTable } = encodeEvents(parts, scope, events, places)
  const rows = reshape(hidden, [-1, parts.block.width])
  const labelPositions = input('labelPositions', 'int32', ['labels'])
  const sessionPlaces = input('sessionPlaces', 'int32', ['sessions', 'span'])
  return {
    events,
    places,
    labelPositions,
    states: {
      hidden: gather(rows, labelPositions, { unique: true }),
      itemTable,
      sessions: {
        hidden: gather(rows, maximum(sessionPlaces, constant(0, [], 'int32'))),
        present: cast(greaterOrEqual(sessionPlaces, 0), 'float32'),
      },
    },
  }
}
