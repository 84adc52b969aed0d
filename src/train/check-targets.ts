import type { Batch } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { Model } from '../model.ts'

/** Throws `COLUMN_INVALID`, naming the head, for targets that one cannot learn from: to be asked before the batch is learnt. */
export function checkTargets(heads: Model['heads'], { labelTargets, sessionTargets }: Batch): void {
  for (const head of heads) {
    if (head.refusal === undefined) continue
    const columns = head.predicts === 'labels' ? labelTargets : sessionTargets
    const refusal = head.refusal(columns![head.target!]!)
    if (refusal !== undefined)
      throw new EnsuiteError(
        'COLUMN_INVALID',
        `Head '${head.name}', which predicts '${head.target!}': ${refusal}.`,
      )
  }
}
