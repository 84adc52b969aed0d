import type { Sessions } from './sessions.ts'

/** Sessions that may be more than memory holds, in blocks that it does: a prepared folder. What it gives never changes. */
export interface SessionSource {
  readonly blocks: readonly SessionBlock[]
  /** A digest of all sessions, as text: equal for equal ones. */
  readonly digest: string
  /** The largest code of the item and of each categorical feature, by name: what a model must have room for. */
  readonly largest: { readonly items: number; readonly categorical: Readonly<Record<string, number>> }
  /** The sessions of some blocks, in the order given; their ids are left out. */
  read(blocks: readonly number[]): Promise<Sessions>
}

export interface SessionBlock {
  readonly sessions: number
  /** Those of two known items or more, which can be trained on. */
  readonly usable: number
}

export const isSource = (data: Sessions | SessionSource): data is SessionSource => 'blocks' in data
