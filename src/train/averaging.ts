import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'

/**
 * An exponential moving average of the weights: what is validated and returned, while training goes on with the weights themselves. It is without bias from the start: after update t of those that are averaged
 * it moves by (1 − decay) / (1 − decayᵗ) of the way to the weights, which is Adam's correction of a mean that began at 0 (Kingma and Ba 2015, section 3), so that t = 1 takes the weights as they are.
 * It takes the memory of the parameters once more, and a pass over all of them an update, tables that are updated by rows too.
 */
export interface AveragingOptions {
  /** Share of the average that stays at an update, from 0, below 1; 0.999 looks back on some 1,000 updates. */
  readonly decay: number
  /** Updates before the average begins: until then the weights are what is validated and returned. Fewer than the run has. Default 0. */
  readonly from?: number
}

/** Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
export function averagingOptions(options: AveragingOptions): Required<AveragingOptions> {
  checkOptions('train: averaging', options, ['decay', 'from'])
  const { decay, from = 0 } = options
  if ((decay as number | undefined) === undefined)
    throw new EnsuiteError('OPTION_INVALID', 'train: averaging expects a decay, such as { decay: 0.999 }.')
  checkNumber('train: averaging: decay', decay, { min: 0, below: 1 })
  checkNumber('train: averaging: from', from, { integer: true, min: 0 })
  return { decay, from }
}

/** How much of the average is exchanged for the weights after an update, counted from 1: 1 as long as it has not begun. */
export function averagingShare({ decay, from }: Required<AveragingOptions>, update: number): number {
  const averaged = update - from
  return averaged <= 1 ? 1 : (1 - decay) / (1 - decay ** averaged)
}
