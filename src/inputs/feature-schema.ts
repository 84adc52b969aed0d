import type { Tensor } from '../graph/index.ts'

/** What the model knows of the columns: sizes of vocabularies, reserved codes included. JSON-safe. */
export interface FeatureSchema {
  /** Codes of the item column, reserved ones included. */
  readonly items: number
  /** Codes of each side feature, reserved ones included. */
  readonly categorical: Readonly<Record<string, number>>
  /** Names of the features that are numbers. */
  readonly continuous: readonly string[]
}

/** What is known of every event, [batch, time] each: codes in int32, numbers in float32. */
export interface EventInputs {
  readonly items: Tensor
  readonly categorical: Readonly<Record<string, Tensor>>
  readonly continuous: Readonly<Record<string, Tensor>>
  /** Embeddings of items that the catalogue has got since: [added, item width]. The first has the code `items` of the schema. */
  readonly added?: Tensor
}
