import { gather, type Tensor } from '../graph/index.ts'
import { normal, type Initializer } from './initializers.ts'
import type { Scope } from './scope.ts'

/** From this many rows on, a batch touches a small part of a table that is only looked up, and only that part is updated. */
export const LARGE_TABLE = 20_000

export interface EmbeddingOptions {
  readonly initializer?: Initializer
  readonly update?: 'dense' | 'rows'
  /** Whether its rows are the codes of a vocabulary. */
  readonly byCode?: boolean
}

/** Declares a table of vectors [size, width]. */
export function table(scope: Scope, size: number, width: number, options: EmbeddingOptions = {}): Tensor {
  const { initializer = normal(0.02), update = 'dense', byCode = false } = options
  return scope.parameter('weight', [size, width], initializer, { update, byCode })
}

/** Looks vectors up: codes [...] → [..., width]. */
export function embedding(
  scope: Scope,
  codes: Tensor,
  size: number,
  width: number,
  options: EmbeddingOptions = {},
): Tensor {
  return gather(table(scope, size, width, options), codes)
}
