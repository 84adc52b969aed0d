import { EnsuiteError } from '../errors.ts'
import type { TrainOptions } from './train-options.ts'

/** Throws `OPTION_INVALID` for a warmup that does not end, and an average that does not begin, in a run of so many updates. */
export function checkReached({ schedule, averaging }: TrainOptions, updates: number): void {
  const { warmup = 0 } = schedule ?? {}
  const { from = 0 } = averaging ?? {}
  const late =
    warmup > updates
      ? `a warmup of ${warmup} updates never reaches the learning rate`
      : from >= updates
        ? `an average from update ${from} on never begins`
        : undefined
  if (late !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `train: ${late}: all epochs together have ${updates} ${updates === 1 ? 'update' : 'updates'}. Give a smaller number, or more epochs.`,
    )
}
