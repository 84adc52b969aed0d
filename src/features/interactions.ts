import { concat, gather, reshape, type Tensor } from '../graph/index.ts'
import { embedding, linear, table, type Scope } from '../nn/index.ts'

/** What the model knows of the columns: sizes of vocabularies, reserved codes included. JSON-safe. */
export interface FeatureSchema {
  /** Codes of the item column, reserved ones included. */
  readonly items: number
  /** Codes of each side feature, reserved ones included. */
  readonly categorical: Readonly<Record<string, number>>
  /** Names of the features that are numbers. */
  readonly continuous: readonly string[]
}

export interface Interactions {
  /** Interaction embeddings [batch, time, width]. */
  readonly x: Tensor
  /** The item table [items, width], which a tied head scores with. */
  readonly itemTable: Tensor
}

/** What is known of every event, [batch, time] each: codes in int32, numbers in float32. */
export interface EventInputs {
  readonly items: Tensor
  readonly categorical: Readonly<Record<string, Tensor>>
  readonly continuous: Readonly<Record<string, Tensor>>
}

const ITEM_INITIALIZER = { kind: 'normal', deviation: 0.02, zeroPadding: true } as const
/** From this many rows on, a batch touches a small part of a table, and only that part is updated. */
const LARGE_TABLE = 20_000

/** Width of a categorical embedding by its number of codes: 1.6·codes^0.56 (fast.ai's rule), at most the model's width. */
export const embeddingWidth = (codes: number, width: number): number =>
  Math.min(width, Math.max(4, Math.round(1.6 * codes ** 0.56)))

/**
 * Turns what is known of an event into one vector: the item's embedding, and with side features the concatenation of all embeddings and numbers, projected to `width`.
 * The embedding of padding is zero and stays so.
 */
export function interactions(
  scope: Scope,
  schema: FeatureSchema,
  { items, categorical, continuous }: EventInputs,
  width: number,
): Interactions {
  const itemTable = table(scope.child('item'), schema.items, width, { initializer: ITEM_INITIALIZER })
  const item = gather(itemTable, items)
  const names = Object.keys(schema.categorical)
  if (names.length + schema.continuous.length === 0) return { x: item, itemTable }
  const sides = names.map((name) => {
    const codes = schema.categorical[name]!
    return embedding(
      scope.child('categorical').child(name),
      categorical[name]!,
      codes,
      embeddingWidth(codes, width),
      {
        initializer: ITEM_INITIALIZER,
        update: codes >= LARGE_TABLE ? 'rows' : 'dense',
      },
    )
  })
  const numbers = schema.continuous.map((name) => reshape(continuous[name]!, [...items.shape, 1]))
  return {
    x: linear(scope.child('projection'), concat([item, ...sides, ...numbers], { axis: -1 }), width),
    itemTable,
  }
}
