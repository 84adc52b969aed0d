import { add, constant, reshape, slice, type Tensor } from '../graph/index.ts'
import { dropout } from './dropout.ts'
import { embedding, table } from './embedding.ts'
import { norm } from './norm.ts'
import type { Scope } from './scope.ts'

export interface BertEmbeddingsOptions {
  /** How many places there are. */
  readonly maxLength: number
  /** The row of the first position; default 0. */
  readonly firstPosition?: number
  readonly epsilon: number
  readonly dropout: number
}

/** Hugging Face's table of token types has two rows. Events are of the first. */
const TOKEN_TYPES = 2

/**
 * What BERT and its relatives put before their layers, in the scope `embeddings`: token type and position are added, then norm and dropout. x [batch, time, width], positions
 * [batch, time] int32 → as x.
 */
export function bertEmbeddings(
  scope: Scope,
  x: Tensor,
  positions: Tensor,
  { maxLength, firstPosition = 0, epsilon, dropout: probability }: BertEmbeddingsOptions,
): Tensor {
  const width = x.shape.at(-1) as number
  const own = scope.child('embeddings')
  const types = table(own.child('token_type_embeddings'), TOKEN_TYPES, width)
  const event = reshape(slice(types, { axis: 0, start: 0, length: 1 }), [width])
  const rows = firstPosition === 0 ? positions : add(positions, constant(firstPosition, [], 'int32'))
  const places = embedding(own.child('position_embeddings'), rows, maxLength + firstPosition, width)
  return dropout(own, norm(own.child('LayerNorm'), add(add(x, event), places), { epsilon }), probability)
}
