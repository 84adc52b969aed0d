import type { Tensor } from '../graph/index.ts'
import type { Scope } from '../nn/index.ts'

export interface HeadContext {
  /** The item embeddings [items, width]. */
  readonly itemTable: Tensor
}

/** What turns hidden states into a loss and into predictions. */
export interface Head {
  readonly kind: string
  readonly options: Readonly<Record<string, number | string | boolean>>
  /** hidden [labels, width], labels [labels] item codes → the mean loss, a scalar. */
  loss(scope: Scope, hidden: Tensor, labels: Tensor, context: HeadContext): Tensor
  /** hidden [sessions, width] → scores [sessions, items − reserved]. */
  scores(scope: Scope, hidden: Tensor, context: HeadContext): Tensor
}
