import { matchesKind, type ColumnStatistics } from '../events/index.ts'
import type { Facts, Found, Guess } from './guess.ts'
import { changesWithin, countsWithin } from './sample.ts'

/** Units in which a number can count from 1970: from 1989 to 2103, which leaves ids of other sizes alone. */
const epochs: readonly (readonly [string, number])[] = [
  ['seconds', 1],
  ['milliseconds', 1e3],
  ['microseconds', 1e6],
  ['nanoseconds', 1e9],
]
const FROM = 6e8
const TO = 4.2e9

/** The unit in which the values lie between 1989 and 2103, all of them but a few; undefined for other numbers. */
export function epochUnit({ kind, sample }: ColumnStatistics): string | undefined {
  if (kind !== 'integer' && kind !== 'float') return undefined
  const values = sample.filter((value) => value !== null).map(Number)
  const within = (perSecond: number): number =>
    values.filter((value) => value >= FROM * perSecond && value <= TO * perSecond).length
  // Some logs write 0 for a time that is not known.
  return epochs.find(([, perSecond]) => values.length > 0 && within(perSecond) >= 0.9 * values.length)?.[0]
}

interface Candidate {
  readonly facts: Facts
  readonly reason: string
  /** Share of steps inside a session that it tells apart. */
  readonly fine: number
  readonly isInstant: boolean
}

/** The column of the event's time, and why. Of several, the one that tells the events of a session apart. */
export function guessTime(
  open: readonly Facts[],
  found: Found,
): { readonly facts: Facts; readonly guess: Guess; readonly others: readonly Facts[] } | undefined {
  const session = found.get('session') ?? found.get('user')
  const candidates = open.flatMap((facts) => candidateOf(facts, session) ?? [])
  // An instant also says when the session was; a count inside it must be much finer to be preferred.
  const worth = ({ fine, isInstant }: Candidate): number => fine + (isInstant ? 0.3 : 0)
  const chosen = candidates.reduce<Candidate | undefined>(
    (best, each) => (best === undefined || worth(each) > worth(best) ? each : best),
    undefined,
  )
  if (chosen !== undefined && (session === undefined || chosen.fine > 0.02)) {
    const others = candidates.filter((each) => each !== chosen).map(({ facts }) => facts)
    const unit = epochUnit(chosen.facts.statistics)
    return {
      facts: chosen.facts,
      guess: { role: 'time', reason: chosen.reason, ...(unit !== undefined && { unit }) },
      others,
    }
  }
  const counter = session && open.find((facts) => isCounter(facts, session))
  if (counter === undefined) return undefined
  const reason = `counts 1, 2, 3 … within '${session!.statistics.name}': the order of its events`
  return { facts: counter, guess: { role: 'time', reason }, others: candidates.map(({ facts }) => facts) }
}

/** The column of text that would be the time, were it not for some of its values, and why it is none. */
export function spoiltTime(
  open: readonly Facts[],
  found: Found,
): { readonly facts: Facts; readonly guess: Guess } | undefined {
  const mended = new Map(open.flatMap((facts) => mendedOf(facts).map((each) => [each, facts] as const)))
  const guessed = guessTime([...mended.keys()], found)
  const facts = guessed && mended.get(guessed.facts)
  if (facts === undefined) return foreignTime(open)
  const { value, row, rows } = facts.statistics.exception!
  const reason = `a time but for ${rows} of its values, such as '${value}' in row ${row}`
  return { facts, guess: { role: 'ignore', reason, unreadableTime: { value, row, rows } } }
}

/** Numbers with what stands between those of a date or of a time of day. */
const DATE_LIKE = /[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}|[0-9]{1,2}:[0-9]{2}/

/** A column that is called a time and holds dates, but as other people write them. */
function foreignTime(open: readonly Facts[]): { readonly facts: Facts; readonly guess: Guess } | undefined {
  for (const facts of open) {
    const { kind, sample } = facts.statistics
    const present = sample.filter((value) => value !== null)
    if (kind !== 'text' || facts.hint.head !== 'time' || present.length === 0) continue
    if (present.filter((value) => DATE_LIKE.test(value)).length < 0.9 * present.length) continue
    const row = sample.findIndex((value) => value !== null && !matchesKind('time', value))
    if (row < 0) continue
    const value = sample[row]!
    const reason = `its name says ${facts.hint.word!}, but '${value}' in row ${row + 1} is no ISO date`
    return { facts, guess: { role: 'ignore', reason, unreadableTime: { value, row: row + 1 } } }
  }
  return undefined
}

/** As it would be without these values. */
function mendedOf(facts: Facts): readonly Facts[] {
  const { exception, ...statistics } = facts.statistics
  if (exception === undefined) return []
  const { kind } = exception
  const sample = statistics.sample.map((value) => (value !== null && matchesKind(kind, value) ? value : null))
  return [{ ...facts, statistics: { ...statistics, kind, sample } }]
}

const isCounter = ({ statistics }: Facts, session: Facts): boolean =>
  statistics.kind === 'integer' && statistics.distinct > 2 && countsWithin(statistics.sample, session.codes)

function candidateOf(facts: Facts, session: Facts | undefined): Candidate | undefined {
  const { hint, statistics } = facts
  const { kind, distinct } = statistics
  if (distinct <= 2) return undefined
  const fine = session === undefined ? 1 : changesWithin(facts.codes, session.codes)
  if (kind === 'time') return { facts, reason: 'dates and times', fine, isInstant: true }
  if (kind !== 'integer' && kind !== 'float') return undefined
  const named = hint.head === 'time'
  const unit = epochUnit(statistics)
  if (unit !== undefined && (named || (hint.head === undefined && !hint.isKey)))
    return {
      facts,
      reason: `${named ? `its name says ${hint.word!}; ` : ''}${unit} since 1970`,
      fine,
      isInstant: true,
    }
  return named
    ? {
        facts,
        reason: `its name says ${hint.word!}; it counts from a start of its own`,
        fine,
        isInstant: false,
      }
    : undefined
}
