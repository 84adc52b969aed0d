import { RESERVED } from '../codes.ts'
import { checkSessions, type Sessions } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { checkCatalogue } from './item-counts.ts'
import type { Scorer } from './scorer.ts'

/** A recommender without a network, as data: what it is, and how it learns from a log. Frozen; the options are JSON-safe. */
export interface Baseline {
  readonly kind: string
  readonly options: Readonly<Record<string, number | string | boolean>>
  /** Whether a score of 0 says nothing of an item, as of one that no neighbour holds (one below 0 speaks against it): a recommender lets what is popular stand in for those. Default false: there is a score for every item that the log has. */
  readonly silentAtZero?: boolean
  /**
   * Learns from `train`. `items` is the size of the catalogue: the vocabulary less its reserved codes.
   * Throws `OPTION_INVALID` for sessions that hold an item beyond it, and for sessions without times where the baseline needs them.
   */
  readonly fit: (train: Sessions, options: { readonly items: number }) => FittedBaseline
}

/** A baseline that has learnt: a scorer like any other, beside which it can learn more. */
export interface FittedBaseline extends Scorer {
  readonly items: number
  /** Learns from further sessions, in place: the same as if it had been fitted on all, those after these. Errors: those of `fit`. */
  readonly update: (sessions: Sessions) => void
  /** Scores of all items after these events, higher is better: codes → [items]. Unknown items are skipped; there may be none at all. */
  readonly scoreAfter: (events: Int32Array) => Float32Array
}

/** What a baseline says of itself; items are columns, that is codes less `RESERVED`, and known ones alone. */
export interface BaselineParts {
  readonly update: (sessions: Sessions) => void
  /** Writes the scores after the columns of `prefix` to `row`: [items], all 0. */
  readonly score: (prefix: Int32Array, row: Float32Array) => void
}

/** A baseline whose parts are made anew by each `fit`. The parts see sessions of the catalogue alone, and prefixes alone, so that no target can be looked at. */
export function baseline(
  { kind, options, silentAtZero = false }: Pick<Baseline, 'kind' | 'options' | 'silentAtZero'>,
  parts: (items: number) => BaselineParts,
): Baseline {
  return Object.freeze({
    kind,
    options: Object.freeze(options),
    silentAtZero,
    fit: (train: Sessions, given: { readonly items: number }) => {
      checkOptions(`fit of the baseline ${kind}`, given, ['items'])
      checkNumber(`items of the baseline ${kind}`, given.items, { integer: true, min: 1 })
      const fitted = fittedBaseline(kind, given.items, parts(given.items))
      fitted.update(train)
      return fitted
    },
  })
}

function fittedBaseline(name: string, items: number, { update, score }: BaselineParts): FittedBaseline {
  return Object.freeze({
    name,
    items,
    wholeSessions: true,
    update: (sessions: Sessions) => {
      checkSessions(`The baseline ${name}`, sessions)
      checkCatalogue(sessions, items)
      update(sessions)
    },
    scoreAfter: (events: Int32Array) => {
      const row = new Float32Array(items)
      score(columnsOf(events, items), row)
      return row
    },
    score: ({ sessionIndices }, sessions) => {
      const scores = new Float32Array(sessionIndices.length * items)
      for (const [row, session] of sessionIndices.entries()) {
        // The last event is the target.
        const events = sessions.items.subarray(sessions.offsets[session], sessions.offsets[session + 1]! - 1)
        score(columnsOf(events, items), scores.subarray(row * items, (row + 1) * items))
      }
      return scores
    },
  } satisfies FittedBaseline)
}

function columnsOf(events: Int32Array, items: number): Int32Array {
  const columns = events.filter((code) => code >= RESERVED).map((code) => code - RESERVED)
  const beyond = columns.find((column) => column >= items)
  if (beyond === undefined) return columns
  throw new EnsuiteError(
    'OPTION_INVALID',
    `A baseline over ${items} items expects codes up to ${items + RESERVED - 1}, received ${beyond + RESERVED}. ` +
      'Give it sessions of the vocabulary that it was fitted with.',
  )
}
