import { RESERVED } from '../codes.ts'
import { ownValue } from '../own-value.ts'
import {
  add,
  cast,
  div,
  gather,
  greaterOrEqual,
  maximum,
  mul,
  reshape,
  where,
  type Tensor,
} from '../graph/index.ts'
import { LARGE_TABLE, table, type Initializer, type Scope } from '../nn/index.ts'
import type { Inputs } from './input-options.ts'
import type { InteractionInputs, Vectors } from './interactions.ts'

export const itemInitializer = ({ deviation }: Inputs): Initializer => ({
  kind: 'normal',
  deviation,
  zeroPadding: true,
})

/** Width of a categorical embedding by its number of codes: 1.6·codes^0.56 (fast.ai's rule), at most the model's width. */
export const embeddingWidth = (codes: number, width: number): number =>
  Math.min(width, Math.max(4, Math.round(1.6 * codes ** 0.56)))

type Given = Omit<InteractionInputs, 'itemUpdate'> & {
  /** The width that all vectors have, if they have one. */
  readonly common: number | undefined
}

/** A vector for each code of each feature; features that are shared have one table, under the name of the first. */
export function categoricalVectors(scope: Scope, names: readonly string[], given: Given): readonly Vectors[] {
  const { inputs, events } = given
  const tables = new Map<string, Tensor>()
  return names.map((name) => {
    const owner = inputs.shared.find((group) => group.includes(name))?.[0] ?? name
    const own = tables.get(owner) ?? featureTable(scope, owner, owner, given)
    tables.set(owner, own)
    return { name, x: gather(own, events.categorical[name]!) }
  })
}

/** Features of several values: those that are there, combined; zero where none is. */
export function listVectors(scope: Scope, given: Given): readonly Vectors[] {
  const { inputs, events } = given
  return Object.entries(inputs.lists).map(([name, { of, combiner = 'mean' }]) => {
    const own = featureTable(scope, name, of[0]!, given)
    const values = of.map((each) => {
      const codes = events.categorical[each]!
      const present = greaterOrEqual(codes, RESERVED)
      return { x: gather(own, codes), present: reshape(present, [...codes.shape, 1]) }
    })
    const one = ({ present }: (typeof values)[number]): Tensor => cast(present, 'float32')
    const total = values.map((each) => mul(each.x, one(each))).reduce((left, right) => add(left, right))
    if (combiner === 'sum') return { name, x: total }
    const count = values.map(one).reduce((left, right) => add(left, right))
    if (combiner === 'mean') return { name, x: div(total, maximum(count, 1)) }
    // What is not there is below everything; where nothing is there, the sum is: zero.
    const most = values
      .map(({ x, present }) => where(present, x, LOWEST))
      .reduce((left, right) => maximum(left, right))
    return { name, x: where(greaterOrEqual(count, 1), most, total) }
  })
}

const LOWEST = -1e30

/** The table called `name`, with as many rows as the feature `of` has codes. */
function featureTable(
  scope: Scope,
  name: string,
  of: string,
  { schema, inputs, width, common }: Given,
): Tensor {
  const codes = schema.categorical[of]!
  return table(
    scope.child('categorical').child(name),
    codes,
    common ?? ownValue(inputs.widths, of) ?? embeddingWidth(codes, width),
    {
      initializer: itemInitializer(inputs),
      update: codes >= LARGE_TABLE ? 'rows' : 'dense',
      byCode: true,
    },
  )
}
