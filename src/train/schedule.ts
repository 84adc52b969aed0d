import { checkChoice, checkNumber, checkOptions } from '../options.ts'
import { EnsuiteError } from '../errors.ts'

/** The ways in which a rate falls: of the part of the updates that is done, from 0 to 1, the factor from 1 to 0. */
const decays = {
  constant: () => () => 1,
  linear: () => (done: number) => 1 - done,
  polynomial:
    ({ power }: Settled) =>
    (done: number) =>
      (1 - done) ** power,
  cosine:
    ({ cycles }: Settled) =>
    (done: number) =>
      done >= 1 ? 0 : (1 + Math.cos(Math.PI * ((cycles * done) % 1))) / 2,
} as const satisfies Readonly<Record<string, (options: Settled) => (done: number) => number>>

export type Decay = keyof typeof decays
export const decayKinds = Object.keys(decays) as readonly Decay[]

/** How the learning rate goes over the updates. */
export interface ScheduleOptions {
  /** Updates over which it rises from 0, no more than `train` makes in all; default 0. Over windows of time each may have fewer. */
  readonly warmup?: number
  /**
   * How it falls from the end of the warmup on, to reach its `floor` one update after the last: `linear`, `cosine` (Loshchilov and Hutter 2017, SGDR) or `polynomial`; `constant` (the default) leaves it.
   */
  readonly decay?: Decay
  /** Of `cosine`: how often it begins anew at its full height ("hard restarts"), the first time counted; default 1. */
  readonly cycles?: number
  /** Of `polynomial`: above 0; default 2. 1 is linear. */
  readonly power?: number
  /** The factor at which it ends, from 0 to 1; default 0. Not with `constant`. */
  readonly floor?: number
}

type Settled = Required<ScheduleOptions>

/** The factor of the learning rate at an update, counted from 1, of `updates`: a value from 0 to 1. */
export type Schedule = (update: number) => number

/** Throws `OPTION_UNKNOWN`, and `OPTION_INVALID` also for an option of another decay. */
export function schedule(options: ScheduleOptions, updates: number): Schedule {
  const settled = settle(options)
  const { warmup, decay, floor } = settled
  const falls = decays[decay](settled)
  const falling = Math.max(1, updates - warmup)
  return (update) => {
    if (update <= warmup) return update / warmup
    const done = Math.min(1, (update - warmup - 1) / falling)
    return floor + (1 - floor) * falls(done)
  }
}

/** Which decay an option is of. */
const OF: Readonly<Record<'cycles' | 'power', Decay>> = { cycles: 'cosine', power: 'polynomial' }

function settle(options: ScheduleOptions): Settled {
  checkOptions('train: schedule', options, ['warmup', 'decay', 'cycles', 'power', 'floor'])
  const { warmup = 0, decay = 'constant', cycles = 1, power = 2, floor = 0 } = options
  checkNumber('warmup', warmup, { integer: true, min: 0 })
  checkChoice('schedule: decay', decay, decayKinds)
  checkNumber('schedule: cycles', cycles, { integer: true, min: 1 })
  checkNumber('schedule: power', power, { above: 0 })
  checkNumber('schedule: floor', floor, { min: 0, max: 1 })
  for (const [name, own] of Object.entries(OF))
    if (options[name as keyof typeof OF] !== undefined && decay !== own)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `train: schedule: '${name}' is of the decay '${own}', and the decay is '${decay}'. Leave it out, or choose '${own}'.`,
      )
  if (floor > 0 && decay === 'constant')
    throw new EnsuiteError(
      'OPTION_INVALID',
      `train: schedule: a rate that is constant ends at no 'floor'. Leave it out, or choose a decay.`,
    )
  return { warmup, decay, cycles, power, floor }
}
