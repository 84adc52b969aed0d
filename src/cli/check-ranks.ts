import { EnsuiteError } from '../errors.ts'
import type { PartConfig } from './config.ts'

/** Throws `OPTION_INVALID` for heads of which none ranks items. */
export function checkRanks(heads: readonly Pick<PartConfig, 'kind'>[]): void {
  if (heads.some(({ kind }) => kind === 'next-item')) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    'ensuite train measures how well items are ranked, and the model has no next-item head. Add { "kind": "next-item", "options": {} } to its heads, or train it from code: train() and evaluateHeads().',
  )
}
