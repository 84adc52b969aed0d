import { checkNumber } from '../options.ts'
import { settleKind } from './settle-kind.ts'

/** What every schedule takes. */
interface Rising {
  /** Updates over which the rate rises from 0, no more than `train` makes in all; default 0. Over windows of time each may have fewer. */
  readonly warmup?: number
}

/** What those take whose rate falls. */
interface Falling extends Rising {
  /** The factor at which it ends, from 0 to 1; default 0. */
  readonly floor?: number
}

interface Polynomial extends Falling {
  /** Above 0; default 2. 1 is linear. */
  readonly power?: number
}

interface Cosine extends Falling {
  /** How often it begins anew at its full height ("hard restarts"), the first time counted; default 1. */
  readonly cycles?: number
}

/**
 * How the learning rate goes over the updates. `decay`: how it falls from the end of the warmup on, to reach its `floor` one update after the last: `linear`, `cosine` (Loshchilov and
 * Hutter 2017, SGDR) or `polynomial`; `constant` (the default) leaves it.
 */
export type ScheduleOptions =
  | ({ readonly decay?: 'constant' } & Rising)
  | ({ readonly decay: 'linear' } & Falling)
  | ({ readonly decay: 'polynomial' } & Polynomial)
  | ({ readonly decay: 'cosine' } & Cosine)

/** One way in which a rate falls, as data. A new one is an entry of `decays`, and a line of `ScheduleOptions`. */
interface DecayKind<Options extends object> {
  /** Every option with its default. */
  readonly defaults: Readonly<Required<Options>>
  /** Of the part of the updates that is done, from 0 to 1, the factor from 1 to 0. Throws `OPTION_INVALID` for options of its own outside their range. */
  readonly falls: (options: Required<Options>) => (done: number) => number
}

const rising = { warmup: 0 }
const falling = { ...rising, floor: 0 }

const constant: DecayKind<Rising> = { defaults: rising, falls: () => () => 1 }

const linear: DecayKind<Falling> = { defaults: falling, falls: () => (done) => 1 - done }

const polynomial: DecayKind<Polynomial> = {
  defaults: { ...falling, power: 2 },
  falls: ({ power }) => {
    checkNumber('train: schedule: power', power, { above: 0 })
    return (done) => (1 - done) ** power
  },
}

const cosine: DecayKind<Cosine> = {
  defaults: { ...falling, cycles: 1 },
  falls: ({ cycles }) => {
    checkNumber('train: schedule: cycles', cycles, { integer: true, min: 1 })
    return (done) => (done >= 1 ? 0 : (1 + Math.cos(Math.PI * ((cycles * done) % 1))) / 2)
  },
}

const decays = { constant, linear, polynomial, cosine }

export type Decay = keyof typeof decays
export const decayKinds = Object.keys(decays) as readonly Decay[]

/** Any of the kinds: their options are not looked into. */
const kinds = decays as unknown as Readonly<Record<Decay, DecayKind<Record<string, never>>>>

/** The options of a decay, with their defaults. */
export const scheduleDefaults = (decay: Decay): object => kinds[decay].defaults

/** A schedule with every default in its place. */
export interface SettledSchedule extends Readonly<Record<string, number | string>> {
  readonly decay: Decay
  readonly warmup: number
}

/** Puts the defaults of the decay in. Throws `OPTION_UNKNOWN`, and `OPTION_INVALID` also for an option of another decay. */
export function scheduleOptions(options: ScheduleOptions = {}): SettledSchedule {
  const asked = { kinds: decays, named: 'decay', otherwise: 'constant' } as const
  const full = settleKind('train: schedule', options, asked) as SettledSchedule & Falling
  checkNumber('train: schedule: warmup', full.warmup, { integer: true, min: 0 })
  checkNumber('train: schedule: floor', full.floor ?? 0, { min: 0, max: 1 })
  kinds[full.decay].falls(full as never)
  return full
}

/** The factor of the learning rate at an update, counted from 1, of `updates`: a value from 0 to 1. */
export type Schedule = (update: number) => number

export function schedule(settled: SettledSchedule, updates: number): Schedule {
  const { decay, warmup, floor = 0 } = settled as SettledSchedule & Falling
  const falls = kinds[decay].falls(settled as never)
  const after = Math.max(1, updates - warmup)
  return (update) => {
    if (update <= warmup) return update / warmup
    const done = Math.min(1, (update - warmup - 1) / after)
    return floor + (1 - floor) * falls(done)
  }
}
