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

function alike(train: Sessions, part: Sessions): readonly string[] {
  const holders = new Map<number, number[]>()
  eachKey(part, (key, session) => {
    const known = holders.get(key)
    if (known === undefined) holders.set(key, [session])
    else if (known.length <= COMMON) known.push(session)
  })
  const inTraining = new Map<number, number>()
  eachKey(train, (key) => {
    if (holders.has(key)) inTraining.set(key, (inTraining.get(key) ?? 0) + 1)
  })
  const found = new Map<number, string>()
  /** Of each session of `part`, the events that one of training has, too. */
  const shared = new Map<number, number[]>()
  const settle = (session: number): void => {
    const length = sessionLength(train, session)
    for (const [other, keys] of shared) {
      const longer = Math.max(length, sessionLength(part, other))
      const [one, id] = [train.ids[session], part.ids[other]]
      // What is the same to the last event is a duplicate, and the same session a shared one.
      if (keys.length < ALIKE * longer || keys.length === longer || (id !== undefined && one === id)) continue
      const chance = keys.reduce(
        (all, key) => all * Math.min(1, (longer * inTraining.get(key)!) / train.items.length),
        train.count,
      )
      if (chance < BY_CHANCE) found.set(other, `${id ?? `session ${other}`} ~ ${one ?? `session ${session}`}`)
    }
    shared.clear()
  }
  let current = -1
  eachKey(train, (key, session) => {
    if (session !== current && current >= 0) settle(current)
    current = session
    const known = holders.get(key)
    if (known === undefined || known.length > COMMON) return
    for (const other of known) {
      const keys = shared.get(other)
      if (keys === undefined) shared.set(other, [key])
      else keys.push(key)
    }
  })
  if (current >= 0) settle(current)
  return [...found.values()]
}

/** Visits each event of the sessions that are long enough, by its key. */
function eachKey(sessions: Sessions, visit: (key: number, session: number) => void): void {
  for (let session = 0; session < sessions.count; session++) {
    if (sessionLength(sessions, session) < LEAST) continue
    for (let event = sessions.offsets[session]!; event < sessions.offsets[session + 1]!; event++)
      visit(eventKey(sessions, event, session), session)
  }
}
