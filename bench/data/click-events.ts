import { createRandom, type Random } from '../../src/random.ts'

export interface ClickLogOptions {
  /** How many clicks, up to 10⁹. */
  readonly clicks: number
  readonly seed: number
}

/** Clicks in the order of the file: [count] of each array; what lies behind is left over. */
export interface ClickBatch {
  readonly count: number
  /** Session ids of 10 digits. */
  readonly session: Float64Array
  /** Milliseconds since the first day. */
  readonly time: Float64Array
  /** Ranks of items from 0, the most popular first. */
  readonly item: Int32Array
}

/** A prime, so that `rank · multiplier` modulo it meets every number once. */
export const ITEMS = 530_017
export const DAY = 86_400_000
export const DAYS = 30
const MEAN_LENGTH = 3.6
const MEAN_GAP = 120_000
const LONGEST_GAP = 3_600_000
/** The largest prime below 10⁹: ids are scattered over it, so that their order says nothing about time. */
const SESSION_IDS = 999_999_937
const SCATTER = 7_654_321
/** Clicks that wait to be written, at least and at most. A log lasts less than 2³³ ms, so time and place fit into 53 bits. */
const BATCH = 1 << 17
const PLACES = 1 << 20

/**
 * A log of clicks as a shop's servers write it: sessions begin over 30 days, evenly, and interleave.
 *
 * A click in 12 repeats the item before; some have the very time of the one before. One in 50 is written up to 30 s late, so that
 * the file is nearly, but not quite, in the order of time. The same options give the same log. Memory does not grow with `clicks`.
 */
export function* clickEvents({ clicks, seed }: ClickLogOptions): Generator<ClickBatch> {
  const sessions = countSessions(clicks, createRandom(seed, 0))
  const lengths = createRandom(seed, 0)
  const random = createRandom(seed, 1)
  const begins = (place: number): number => Math.floor((place / sessions) * DAYS * DAY)
  const [waiting, sorted] = [columns(), columns()]
  // When a click is written, then its place among those that wait.
  const keys = new Float64Array(PLACES)
  let count = 0
  let left = clicks
  let place = 0
  for (let batch = BATCH; count > 0 || place < sessions;) {
    for (; place < sessions && count < batch; place++) {
      const length = Math.min(left, sessionLength(lengths))
      left -= length
      const id = 1_000_000_000 + ((place * SCATTER) % SESSION_IDS)
      let time = begins(place + random.uniform())
      let item = drawItem(random)
      for (let click = 0; click < length; click++, count++) {
        if (click > 0) {
          time += gap(random)
          if (random.uniform() >= 1 / 12) item = drawItem(random)
        }
        const late = random.uniform() < 1 / 50 ? random.below(30_000) : 0
        waiting.session[count] = id
        waiting.time[count] = time
        waiting.item[count] = item
        keys[count] = (time + late) * PLACES + count
      }
    }
    const order = keys.subarray(0, count).sort()
    // All later clicks are written from here on.
    const safe = place < sessions ? begins(place) * PLACES : Infinity
    let written = 0
    for (let to = 0; to < count; to++) {
      const key = order[to]!
      const at = Math.floor(key / PLACES)
      const from = key - at * PLACES
      sorted.session[to] = waiting.session[from]!
      sorted.time[to] = waiting.time[from]!
      sorted.item[to] = waiting.item[from]!
      if (key < safe) written++
      else keys[to - written] = at * PLACES + to - written
    }
    yield { count: written, ...sorted }
    for (const name of ['session', 'time', 'item'] as const)
      waiting[name].set(sorted[name].subarray(written, count))
    count -= written
    batch = Math.max(BATCH, 2 * count)
  }
}

const columns = (): Omit<ClickBatch, 'count'> => ({
  session: new Float64Array(PLACES),
  time: new Float64Array(PLACES),
  item: new Int32Array(PLACES),
})

function countSessions(clicks: number, random: Random): number {
  let sessions = 0
  for (let sum = 0; sum < clicks; sessions++) sum += sessionLength(random)
  return sessions
}

/** Geometric: 1, 2, … with mean 3.6. */
function sessionLength(random: Random): number {
  return 1 + Math.floor(Math.log(1 - random.uniform()) / Math.log(1 - 1 / MEAN_LENGTH))
}

/** Milliseconds to the next click. */
function gap(random: Random): number {
  if (random.uniform() < 1 / 200) return 0
  return Math.min(LONGEST_GAP, Math.floor(-MEAN_GAP * Math.log(1 - random.uniform())))
}

/** Heavy-tailed: the chance of a rank falls with its power −3/4. */
function drawItem(random: Random): number {
  const square = random.uniform() ** 2
  return Math.floor(ITEMS * square * square)
}
