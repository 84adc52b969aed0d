import type { Operand } from './expression.ts'

/** One text, or several that are one key together. */
export type Keys = Operand | readonly Operand[]
export const keysOf = (keys: Keys): readonly Operand[] =>
  Array.isArray(keys) ? (keys as readonly Operand[]) : [keys as Operand]
