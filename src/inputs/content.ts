import { RESERVED } from '../codes.ts'
import { ownValue } from '../own-value.ts'
import {
  add,
  cast,
  concat,
  gather,
  greater,
  mul,
  pad,
  relu,
  reshape,
  slice,
  type Tensor,
} from '../graph/index.ts'
import { linear, table, type Scope } from '../nn/index.ts'
import { embeddingWidth, itemInitializer } from './categorical.ts'
import type { FeatureSchema } from './feature-schema.ts'
import type { Inputs } from './input-options.ts'

/** What items are, by the names of `inputs.content`: codes [n] int32, numbers [n] float32, vectors [n, numbers] float32. */
export type ContentColumns = Readonly<Record<string, Tensor>>

interface Given {
  readonly schema: FeatureSchema
  readonly inputs: Inputs
  /** Of item embeddings. */
  readonly width: number
}

/** The embedding that content alone gives an item: columns of n items → [n, width]. */
export function contentVectors(
  scope: Scope,
  columns: ContentColumns,
  { schema, inputs, width }: Given,
): Tensor {
  const { features, vectors, hidden, widths = {} } = inputs.content!
  const parts = [
    ...features.map((name) => {
      const column = columns[name]!
      const codes = ownValue(schema.categorical, name)
      if (codes === undefined) return reshape(column, [-1, 1])
      const own = table(scope.child(name), codes, ownValue(widths, name) ?? embeddingWidth(codes, width), {
        initializer: itemInitializer(inputs),
        byCode: true,
      })
      return gather(own, column)
    }),
    ...Object.keys(vectors).map((name) => columns[name]!),
  ]
  const all = parts.length === 1 ? parts[0]! : concat(parts, { axis: 1 })
  const inner = hidden.reduce((x, size, at) => relu(linear(scope.child('hidden').child(at), x, size)), all)
  return linear(scope.child('projection'), inner, width)
}

/**
 * The embeddings of all items: one of their own and what their content gives [items, width]. In training some stand without their own, as a new item does
 * (Volkovs et al., DropoutNet, 2017. Differs: what is dropped is zero, not a mean, and there is one tower, since sessions have embeddings by their items).
 */
export function withContent(scope: Scope, own: Tensor, given: Given): Tensor {
  const { schema, inputs } = given
  const stored = (name: string, shape: readonly number[]): Tensor =>
    slice(
      scope.child(name).parameter(
        'value',
        [schema.items, ...shape],
        { kind: 'given' },
        {
          decay: false,
          trainable: false,
          byCode: true,
        },
      ),
      {
        axis: 0,
        start: RESERVED,
      },
    )
  const { features, vectors, dropout } = inputs.content!
  const columns = {
    ...Object.fromEntries(
      features.map((name) => {
        const column = stored(name, [])
        return [name, ownValue(schema.categorical, name) === undefined ? column : cast(column, 'int32')]
      }),
    ),
    ...Object.fromEntries(Object.entries(vectors).map(([name, size]) => [name, stored(name, [size])])),
  }
  const content = pad(contentVectors(scope, columns, given), { axis: 0, before: RESERVED, after: 0 })
  const mask = scope.mask([schema.items, 1], dropout)
  return add(mask === undefined ? own : mul(own, cast(greater(mask, 0), 'float32')), content)
}

/** The parameter that holds what is known of the items. */
export const contentParameter = (name: string): string => `content.${name}.value`

/** The input of `new-items.onnx` that takes it. */
export const contentInput = (name: string): string => `content.${name}`
