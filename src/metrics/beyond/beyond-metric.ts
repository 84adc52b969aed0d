import { checkGiven, checkNumber } from '../../options.ts'
import type { MetricName } from '../metric.ts'

/** The best items of some sessions: columns, that is codes less the reserved ones. */
export interface RecommendedLists {
  readonly sessions: number
  /** Places a list has. */
  readonly length: number
  /** Best first, −1 behind the last where fewer than `length` are candidates: [sessions * length]. */
  readonly columns: Int32Array
  /** The item that came next, −1 where the vocabulary does not know it: [sessions]. */
  readonly targets: Int32Array
  /** The items of the events before it, in their order, repeats too. */
  readonly historyOf: (session: number) => Int32Array
}

/** What is known of the items: of the training part, beside what makes two of them alike. */
export interface ItemFacts {
  /** Size of the catalogue. */
  readonly items: number
  /** Training events of each item: [items]. */
  readonly events: ArrayLike<number>
  /** Training sessions that hold each item: [items]. */
  readonly sessions: ArrayLike<number>
  readonly trainingSessions: number
  /** Default: none, and then diversity is not measured. */
  readonly diversity?: ListDiversity
}

/** How much the items of a list differ from each other, from columns: 0 where they are all alike, or fewer than two. */
export type ListDiversity = (list: Int32Array) => number

interface Named {
  readonly kind: string
  readonly k: number
  readonly name: MetricName
}

/** A metric of the first `k` items that a session is recommended: the mean over sessions is reported, with its standard error. */
export interface ListMetric extends Named {
  readonly level: 'session'
  /** `list`: columns, best first, at most `k`; `target`: a column, or −1. An empty list has 0. */
  readonly of: (list: Int32Array, target: number) => number
}

/** A metric of the lists of all sessions together: it has no value of a session, and so no standard error. */
export interface SetMetric extends Named {
  readonly level: 'set'
  /** Nothing where it has no value. */
  readonly of: (lists: RecommendedLists) => number | undefined
}

export type BeyondMetric = ListMetric | SetMetric

/** What makes a metric, with what tables and charts say of it. */
export interface BeyondAbout {
  /** What its name has before the cutoff. */
  readonly kind: string
  /** Of its values, for an axis: `0 to 1`, `bits`. */
  readonly unit: string
}

/** A kind of metric: a function of the cutoff and of what is known of the items that says what it is called and counted in. It throws `OPTION_INVALID` for facts that are none. */
export function beyondKind<Metric extends BeyondMetric | undefined>(
  about: BeyondAbout,
  make: (k: number, facts: ItemFacts) => Metric,
): ((k: number, facts: ItemFacts) => Metric) & BeyondAbout {
  const checked = (k: number, facts: ItemFacts): Metric => {
    const { items, events } = Object(facts) as Partial<ItemFacts>
    checkGiven(`The metric '${about.kind}'`, facts, {
      what: 'what is known of the items, { items, events, sessions, trainingSessions }',
      isGood: typeof items === 'number' && typeof events === 'object',
    })
    return make(k, facts)
  }
  return Object.freeze(Object.assign(checked, about))
}

/** Throws `OPTION_INVALID` unless `k` is a whole number from 1. */
export function listMetric(kind: string, k: number, of: ListMetric['of']): ListMetric {
  return Object.freeze({ level: 'session', ...named(kind, k), of })
}

/** Throws `OPTION_INVALID` unless `k` is a whole number from 1. */
export function setMetric(kind: string, k: number, of: SetMetric['of']): SetMetric {
  return Object.freeze({ level: 'set', ...named(kind, k), of })
}

function named(kind: string, k: number): Named {
  checkNumber(`The cutoff k of the metric '${kind}'`, k, { integer: true, min: 1 })
  return { kind, k, name: `${kind}@${k}` }
}

/** The first `k` columns of a session's list, without what is behind the last. */
export function firstOf({ columns, length }: RecommendedLists, session: number, k: number): Int32Array {
  const start = session * length
  const list = columns.subarray(start, start + Math.min(k, length))
  const end = list.indexOf(-1)
  return end === -1 ? list : list.subarray(0, end)
}

/** The mean of a value of each item of a list; 0 of an empty one. */
export function meanOver(list: Int32Array, value: (column: number) => number): number {
  if (list.length === 0) return 0
  let sum = 0
  for (const column of list) sum += value(column)
  return sum / list.length
}
