import { ownValue } from '../own-value.ts'
import { add, cast, concat, gather, mul, product, range, reshape, sub, type Tensor } from '../graph/index.ts'
import { linear, table, type Scope } from '../nn/index.ts'
import { embeddingWidth, itemInitializer } from './categorical.ts'
import type { EventInputs } from './feature-schema.ts'
import type { InteractionInputs } from './interactions.ts'

/** Events whose context columns say at every place what the session's first event says. positions: [batch, time] int32, places in the own session. */
export function withContext(events: EventInputs, columns: readonly string[], positions: Tensor): EventInputs {
  if (columns.length === 0) return events
  const flat = cast(range(product(positions.shape)), 'int32')
  const first = sub(flat, reshape(positions, [-1]))
  const all = (of: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>> =>
    Object.fromEntries(
      Object.entries(of).map(([name, x]) => [
        name,
        columns.includes(name) ? reshape(gather(reshape(x, [-1]), first), positions.shape) : x,
      ]),
    )
  return { ...events, categorical: all(events.categorical), continuous: all(events.continuous) }
}

/** States after the block with the session's context: hidden [batch, time, width] → same. */
export function fuseContext(
  scope: Scope,
  hidden: Tensor,
  { schema, inputs, events, width }: Omit<InteractionInputs, 'itemUpdate'>,
): Tensor {
  const { columns, fusion } = inputs.context
  if (columns.length === 0 || fusion === 'repeat') return hidden
  const own = scope.child('context')
  const vectors = columns.map((name) => {
    const codes = ownValue(schema.categorical, name)
    if (codes === undefined) return reshape(events.continuous[name]!, [...hidden.shape.slice(0, -1), 1])
    const rows = table(
      own.child(name),
      codes,
      ownValue(inputs.widths, name) ?? embeddingWidth(codes, width),
      {
        initializer: itemInitializer(inputs),
        byCode: true,
      },
    )
    return gather(rows, events.categorical[name]!)
  })
  const context = vectors.length === 1 ? vectors[0]! : concat(vectors, { axis: -1 })
  if (fusion === 'concat')
    return linear(own.child('projection'), concat([hidden, context], { axis: -1 }), width)
  const projected = linear(own.child('projection'), context, width)
  return fusion === 'add' ? add(hidden, projected) : mul(hidden, add(projected, 1))
}
