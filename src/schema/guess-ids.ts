import { type Facts, type Found, type Guess, shown } from './guess.ts'
import { epochUnit } from './guess-time.ts'
import { changesWithin, runsPerValue, sameThings } from './sample.ts'

type Id = 'session' | 'user' | 'item'

/** Whether the values can be keys: whole numbers or texts, more than one of them. */
const canBeKey = ({ statistics: { kind, distinct } }: Facts): boolean =>
  (kind === 'integer' || kind === 'text') && distinct > 1

const isList = ({ statistics }: Facts): boolean => statistics.kind === 'list'

/** The column that is the session, the user or the item, and why; undefined where none is. */
export function guessId(
  id: Id,
  open: readonly Facts[],
  found: Found,
): { readonly facts: Facts; readonly guess: Guess } | undefined {
  const candidates = open.filter(canBeKey)
  // With lists, a row is a whole session: its key is different in each, and the items are one list.
  const nested = open.some(isList)
  const wide = nested && id === 'item' ? [...candidates, ...open.filter(isList)] : candidates
  const named = best(wide, (facts) => nameScore(id, facts, nested))
  if (named !== undefined) return { facts: named, guess: { role: id, reason: nameReason(id, named) } }
  if (id === 'user') return undefined
  // What looks like a time and has no name is one.
  const timeless = candidates.filter((facts) => epochUnit(facts.statistics) === undefined)
  const valued = id === 'session' ? sessionByValues(timeless, found) : itemByValues(timeless, found)
  return valued && { facts: valued.facts, guess: { role: id, reason: valued.reason } }
}

/** 0: no; a last word of the meaning counts most, then a key, then the plainest word, `item` before `movie`. */
function nameScore(id: Id, { hint, present, statistics }: Facts, nested: boolean): number {
  // What is different in each row groups nothing.
  if (id !== 'item' && !nested && present > 1 && statistics.distinct >= present) return 0
  const head = hint.head === id
  const beside = hint.head === undefined && hint.others.includes(id)
  if (!head && !beside) return 0
  return (head ? 4 : 1) + (hint.isKey ? 2 : 0) + (hint.word === id ? 1 : 0)
}

/** The first candidate with the highest score above 0. */
function best(candidates: readonly Facts[], score: (facts: Facts) => number): Facts | undefined {
  let [found, highest]: [Facts | undefined, number] = [undefined, 0]
  for (const facts of candidates) {
    const own = score(facts)
    if (own > highest) [found, highest] = [facts, own]
  }
  return found
}

const nameReason = (id: Id, facts: Facts): string =>
  `its name says ${facts.hint.word ?? id}; ${shown(facts.rowsPerValue)} events each`

const MAX_ROWS = 500

function sessionByValues(
  candidates: readonly Facts[],
  found: Found,
): { readonly facts: Facts; readonly reason: string } | undefined {
  // The history of a user is a session, too.
  if (found.has('user')) return undefined
  const unnamed = candidates.filter(
    ({ hint, codes, rowsPerValue, statistics }) =>
      hint.head === undefined &&
      statistics.distinct >= 10 &&
      rowsPerValue > 1.2 &&
      rowsPerValue <= MAX_ROWS &&
      runsPerValue(codes) < 1.1,
  )
  const facts = best(unnamed, ({ statistics }) => statistics.distinct)
  return (
    facts && { facts, reason: `rows of one value follow each other, ${shown(facts.rowsPerValue)} at a time` }
  )
}

function itemByValues(
  candidates: readonly Facts[],
  found: Found,
): { readonly facts: Facts; readonly reason: string } | undefined {
  const session = found.get('session') ?? found.get('user')
  const unnamed = candidates.filter(
    ({ hint, codes, rowsPerValue, statistics }) =>
      (hint.head === undefined || hint.head === 'categorical') &&
      statistics.distinct >= 10 &&
      rowsPerValue >= 1.5 &&
      (session === undefined || changesWithin(codes, session.codes) > 0.2),
  )
  const facts = best(unnamed, ({ statistics }) => statistics.distinct)
  return (
    facts && {
      facts,
      reason: `${shown(facts.statistics.distinct)} values, the most that come again and change within a session`,
    }
  )
}

/** A column that names what another one already names: `orig_movie` beside `item`. */
export function sameAs(facts: Facts, found: Found): Guess | undefined {
  if (!canBeKey(facts)) return undefined
  for (const role of ['item', 'user', 'session'] as const) {
    const other = found.get(role)
    if (other !== undefined && sameThings(facts.codes, other.codes))
      return { role: 'ignore', reason: `names the same as '${other.statistics.name}'` }
  }
  return undefined
}
