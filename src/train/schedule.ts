import { checkNumber, checkOptions } from '../options.ts'
import { EnsuiteError } from '../errors.ts'

/** How the learning rate goes over the updates. */
export interface ScheduleOptions {
  /** Updates over which it rises from 0; default 0. */
  readonly warmup?: number
  /** How it falls from the end of the warmup on, to reach 0 one update after the last; `constant` (the default) leaves it. */
  readonly decay?: 'constant' | 'linear' | 'cosine'
}

/** The factor of the learning rate at an update, counted from 1, of `updates`: a value from 0 to 1. */
export type Schedule = (update: number) => number

export function schedule(options: ScheduleOptions, updates: number): Schedule {
  checkOptions('train: schedule', options, ['warmup', 'decay'])
  const { warmup = 0, decay = 'constant' } = options
  checkNumber('warmup', warmup, { integer: true, min: 0 })
  if (!['constant', 'linear', 'cosine'].includes(decay))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `Schedule '${decay}' is not known. Choose constant, linear or cosine.`,
    )
  const falling = Math.max(1, updates - warmup)
  return (update) => {
    if (update <= warmup) return update / warmup
    const done = Math.min(1, (update - warmup - 1) / falling)
    return decay === 'constant' ? 1 : decay === 'linear' ? 1 - done : (1 + Math.cos(Math.PI * done)) / 2
  }
}
