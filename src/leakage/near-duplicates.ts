import { sessionLength, type Sessions } from '../data/sessions.ts'
import { eventKey } from './event-keys.ts'
import { counted, EXAMPLES, type LeakCheck, predicted } from './leakage-input.ts'

/** Sessions of fewer events may be alike by chance. */
const LEAST = 5
/** The share of the longer session's events that the other has, too. */
const ALIKE = 0.8
/** An event that more sessions have says nothing of who has it. */
const COMMON = 8
/** Sessions that may be alike by chance are expected less often than this: as many training sessions, times how likely each shared event is in one. */
const BY_CHANCE = 1e-3

/** Sessions that are nearly those of training: someone under two ids, or a copy with a few events more or less. */
export const nearDuplicates: LeakCheck = (input) => {
  const { train } = input
  return predicted(input).flatMap(([name, part]) => {
    if ((train.times === undefined) !== (part.times === undefined)) return []
    const found = alike(train, part)
    if (found.length === 0) return []
    return [
      {
        kind: 'near-duplicate-sessions',
        severity: 'warning',
        count: found.length,
        examples: found.slice(0, EXAMPLES),
        message: `${counted(found.length, 'session')} of ${name} that ${found.length === 1 ? 'shares' : 'share'} ${100 * ALIKE} % or more of the events, ${alikeIn(part)}, with a training session of another id. Put them into one session, or one part.`,
      },
    ]
  })
}

const alikeIn = ({ times }: Sessions): string =>
  times === undefined ? 'between the same items' : 'at the same times'

/** A session that has an event, and how often. */
interface Holder {
  readonly session: number
  readonly count: number
}

function alike(train: Sessions, part: Sessions): readonly string[] {
  const holders = new Map<number, Holder[]>()
  eachSession(part, (session, keys) => {
    for (const [key, count] of keys) {
      const known = holders.get(key)
      if (known === undefined) holders.set(key, [{ session, count }])
      else if (known.length <= COMMON) known.push({ session, count })
    }
  })
  const inTraining = new Map<number, number>()
  let repeats = 0
  eachSession(train, (_, keys) => {
    for (const [key, count] of keys) {
      if (holders.has(key)) inTraining.set(key, (inTraining.get(key) ?? 0) + 1)
      repeats += count - 1
    }
  })
  const events = train.items.length
  const found = new Map<number, string>()
  eachSession(train, (session, keys) => {
    const length = sessionLength(train, session)
    const shared = new Map<number, Shared>()
    for (const [key, count] of keys) {
      const known = holders.get(key)
      if (known === undefined || known.length > COMMON) continue
      for (const holder of known) {
        const own = shared.get(holder.session) ?? { events: 0, chance: train.count }
        const both = Math.min(count, holder.count)
        const longer = Math.max(length, sessionLength(part, holder.session))
        own.events += both
        own.chance *= Math.min(1, (longer * inTraining.get(key)!) / events) * (repeats / events) ** (both - 1)
        shared.set(holder.session, own)
      }
    }
    for (const [other, own] of shared) {
      const longer = Math.max(length, sessionLength(part, other))
      const [one, id] = [train.ids[session], part.ids[other]]
      // What is the same to the last event is a duplicate, and the same session a shared one.
      if (own.events < ALIKE * longer || own.events === longer || (id !== undefined && one === id)) continue
      if (own.chance < BY_CHANCE)
        found.set(other, `${id ?? `session ${other}`} ~ ${one ?? `session ${session}`}`)
    }
  })
  return [...found.values()]
}

/** What a session has that one of training has, too. */
interface Shared {
  /** Each as often as both have it. */
  events: number
  /** How many sessions of training have them by chance; an event that a session has again is as likely as such events are. */
  chance: number
}

/** Visits each session that is long enough, with the keys of its events and how often each is in it. */
function eachSession(
  sessions: Sessions,
  visit: (session: number, keys: ReadonlyMap<number, number>) => void,
): void {
  for (let session = 0; session < sessions.count; session++) {
    if (sessionLength(sessions, session) < LEAST) continue
    const keys = new Map<number, number>()
    for (let event = sessions.offsets[session]!; event < sessions.offsets[session + 1]!; event++) {
      const key = eventKey(sessions, event, session)
      keys.set(key, (keys.get(key) ?? 0) + 1)
    }
    visit(session, keys)
  }
}
