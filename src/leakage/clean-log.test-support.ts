import { RESERVED } from '../codes.ts'
import type { Sessions } from '../data/sessions.ts'
import { createRandom } from '../random.ts'

export const ITEMS = 60
export const DAY = 86_400_000
export const START = Date.UTC(2024, 0, 1)

/** A log without leaks, in the order of time: sixty days of clicks that wander among items of like category, with features as shops have them. */
export function cleanLog({ sessions = 500, seed = 1 } = {}): Sessions {
  const random = createRandom(seed)
  const items: number[] = []
  const times: number[] = []
  const offsets = [0]
  const device: number[] = []
  const soFar: number[] = []
  const mood: number[] = []
  for (let session = 0; session < sessions; session++) {
    let time = START + (session * 60 * DAY) / sessions + random.below(DAY / 24)
    // Some items are more popular than others.
    let item = Math.min(random.below(ITEMS), random.below(ITEMS))
    const [length, own] = [3 + random.below(6), 2 + random.below(3)]
    // The first ones have every item, so that a vocabulary of training has it.
    if (session < ITEMS / 3) item = 3 * session
    for (let event = 0; event < length; event++) {
      items.push(item + RESERVED)
      times.push(time)
      device.push(own)
      soFar.push(event)
      // It drifts, so that it matters what it was normalised on.
      mood.push(random.normal() + session / sessions)
      time += 1000 + random.below(600_000)
      item =
        event < 2 && session < ITEMS / 3
          ? item + 1
          : random.uniform() < 0.5
            ? (item + 1 + random.below(4)) % ITEMS
            : Math.min(random.below(ITEMS), random.below(ITEMS))
    }
    offsets.push(items.length)
  }
  return {
    count: sessions,
    offsets: Int32Array.from(offsets),
    items: Int32Array.from(items),
    categorical: {
      category: Int32Array.from(items, (code) => RESERVED + ((code - RESERVED) % 7)),
      device: Int32Array.from(device),
    },
    continuous: {
      price: Float32Array.from(items, (code) => ((code * 37) % 91) / 10),
      soFar: Float32Array.from(soFar),
      mood: Float32Array.from(mood),
    },
    times: Float64Array.from(times),
    ids: Array.from({ length: sessions }, (_, session) => `s${session}`),
  }
}

/** A log with a feature more, a value an event. */
export function withFeature(
  log: Sessions,
  {
    name,
    isCode = false,
    of,
  }: {
    readonly name: string
    readonly isCode?: boolean
    readonly of: (event: number, session: number) => number
  },
): Sessions {
  const values: number[] = []
  for (let session = 0; session < log.count; session++)
    for (let event = log.offsets[session]!; event < log.offsets[session + 1]!; event++)
      values.push(of(event, session))
  return isCode
    ? { ...log, categorical: { ...log.categorical, [name]: Int32Array.from(values) } }
    : { ...log, continuous: { ...log.continuous, [name]: Float32Array.from(values) } }
}

/** The sessions of both, one after the other, those of the second under ids of their own where `rename` says so. */
export function joined(
  one: Sessions,
  other: Sessions,
  rename: (id: string) => string = (id) => id,
): Sessions {
  const events = one.items.length
  const both = <Column extends Int32Array | Float32Array>(first: Column, second: Column): Column => {
    const all = new (first.constructor as new (length: number) => Column)(first.length + second.length)
    all.set(first)
    all.set(second, first.length)
    return all
  }
  return {
    count: one.count + other.count,
    offsets: both(
      one.offsets,
      other.offsets.subarray(1).map((offset) => offset + events),
    ),
    items: both(one.items, other.items),
    categorical: Object.fromEntries(
      Object.entries(one.categorical).map(([name, codes]) => [name, both(codes, other.categorical[name]!)]),
    ),
    continuous: Object.fromEntries(
      Object.entries(one.continuous).map(([name, values]) => [name, both(values, other.continuous[name]!)]),
    ),
    times: Float64Array.from([...one.times!, ...other.times!]),
    ids: [...one.ids, ...other.ids.map(rename)],
  }
}
