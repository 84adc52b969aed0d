import type { Sessions } from '../data/sessions.ts'

const WORD = 2 ** 32

const mixed = (word: number): number => {
  let t = Math.imul(word ^ (word >>> 16), 0x21f0aaad)
  t = Math.imul(t ^ (t >>> 15), 0x735a2d97)
  return (t ^ (t >>> 15)) >>> 0
}

/** A key that a number has been added to: whole numbers of 53 bits, equal for equal lists of numbers and all but never for others. */
function extended(key: number, number: number): number {
  const whole = Math.floor(number)
  const [low, high] = [whole >>> 0, Math.floor(whole / WORD) ^ Math.floor((number - whole) * WORD)]
  const one = mixed((key >>> 0) ^ low ^ Math.imul(high, 31))
  const other = mixed(Math.floor(key / WORD) ^ mixed(low + 7) ^ high ^ one)
  return (other >>> 11) * WORD + one
}

/** A key of an event: its item and its time, where there are times; else the items around it, too. */
export function eventKey({ items, times, offsets }: Sessions, event: number, session: number): number {
  const own = extended(1, items[event]!)
  if (times !== undefined) return extended(own, times[event]!)
  const [start, end] = [offsets[session]!, offsets[session + 1]!]
  const before = event > start ? items[event - 1]! : 0
  return extended(extended(own, before), event + 1 < end ? items[event + 1]! : 0)
}

/** A key of all events of a session, in their order. */
export function sessionKey({ items, times, offsets }: Sessions, session: number): number {
  let key = 2
  for (let event = offsets[session]!; event < offsets[session + 1]!; event++) {
    key = extended(key, items[event]!)
    if (times !== undefined) key = extended(key, times[event]!)
  }
  return key
}
