import { type ColumnStatistics, columnStatistics, type EventSource } from '../events/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkChoice, checkOptions, nearestWord } from '../options.ts'
import type { Dtype } from './dtype.ts'
import { type Facts, factsOf, type Guess, type Role, roles, singleRoles } from './guess.ts'
import { guessFeature } from './guess-feature.ts'
import { guessId, sameAs } from './guess-ids.ts'
import { columnOf, dtypeOf } from './guessed-column.ts'
import { epochUnit, guessTime, spoiltTime } from './guess-time.ts'
import { schema, type Schema } from './schema.ts'

/** A column with what was found of it. */
export interface InferredColumn {
  readonly name: string
  readonly dtype: Dtype
  readonly role: Role
  /** Why it has this role, in a few words. */
  readonly reason: string
  /** Where no column is the time, of one that would be but for some values: the first of them, with its row from 1, and how many rows hold such ones, where they were counted. */
  readonly unreadableTime?: { readonly value: string; readonly row: number; readonly rows?: number }
  /** Of a time that is a number since 1970: 'seconds', 'milliseconds', 'microseconds' or 'nanoseconds'. */
  readonly unit?: string
  /** Different values; an estimate where there are more than some hundred thousand. */
  readonly distinct: number
  readonly distinctIsEstimate: boolean
  /** Rows without a value. */
  readonly missing: number
  /** Of numbers, and of times as ISO text. */
  readonly min?: number | bigint | string
  readonly max?: number | bigint | string
  /** Of number columns, also of ids that are numbers; missing where a number is infinite, NaN or beyond ±1e140. */
  readonly mean?: number
  /** Of number columns of two values or more: the deviation of a sample, √(Σ (x − mean)² ÷ (n − 1)). */
  readonly deviation?: number
}

export interface InferredSchema {
  readonly schema: Schema
  readonly events: number
  readonly columns: readonly InferredColumn[]
}

export interface InferOptions {
  /** Roles that are known, by the name of the column: the others are guessed around them. */
  readonly roles?: Readonly<Record<string, Role>>
}

/**
 * Guesses the schema of a source from the names and the values of its columns: the roles rest on the first 20,000 rows, the
 * types, ranges and counts on all of them.
 *
 * Throws what reading events throws for a source, `COLUMN_MISSING` and `OPTION_INVALID` for `roles`.
 */
export async function inferSchema(source: EventSource, options: InferOptions = {}): Promise<InferredSchema> {
  checkOptions('inferSchema', options, ['roles'])
  const { events, columns } = await columnStatistics(source)
  const given = checkedRoles(columns, options.roles ?? {})
  const guesses = guessRoles(
    columns.map((column) => factsOf(column, events)),
    given,
  )
  return {
    schema: schema(columns.map((column, index) => columnOf(column, guesses[index]!))),
    events,
    columns: columns.map((column, index) => inferredOf(column, guesses[index]!)),
  }
}

function checkedRoles(
  columns: readonly ColumnStatistics[],
  given: Readonly<Record<string, Role>>,
): ReadonlyMap<string, Role> {
  const names = columns.map(({ name }) => name)
  const taken = new Map<Role, string>()
  for (const [name, role] of Object.entries(given)) {
    if (!names.includes(name)) {
      const nearest = nearestWord(name, names)
      throw new EnsuiteError(
        'COLUMN_MISSING',
        `No column '${name}' is there to be given a role.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`} ` +
          `Columns: ${names.join(', ')}.`,
      )
    }
    checkChoice(`The role of column '${name}'`, role, roles)
    if (!singleRoles.includes(role)) continue
    const other = taken.get(role)
    if (other !== undefined)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `One column is the ${role}, received '${other}' and '${name}'.`,
      )
    taken.set(role, name)
  }
  return new Map(Object.entries(given))
}

/** The role of each column, in order: first the ones that were given, then ids, then the time, then the rest. */
function guessRoles(all: readonly Facts[], given: ReadonlyMap<string, Role>): readonly Guess[] {
  const guesses = new Map<Facts, Guess>()
  const found = new Map<Role, Facts>()
  const settle = (facts: Facts, guess: Guess): void => {
    guesses.set(facts, guess)
    if (singleRoles.includes(guess.role)) found.set(guess.role, facts)
  }
  const open = (): readonly Facts[] => all.filter((facts) => !guesses.has(facts))
  for (const facts of all) {
    const role = given.get(facts.statistics.name)
    const unit = role === 'time' ? epochUnit(facts.statistics) : undefined
    if (role !== undefined)
      settle(facts, { role, reason: 'as you said', ...(unit !== undefined && { unit }) })
  }
  // A session that is found by its values alone comes after a user that has a name.
  for (const id of ['user', 'session', 'item'] as const) {
    const guessed = found.has(id) ? undefined : guessId(id, open(), found)
    if (guessed !== undefined) settle(guessed.facts, guessed.guess)
  }
  const time = found.has('time') ? undefined : guessTime(open(), found)
  if (time !== undefined) {
    settle(time.facts, time.guess)
    for (const other of time.others)
      settle(other, { role: 'ignore', reason: `a second time beside '${time.facts.statistics.name}'` })
  }
  const spoilt = found.has('time') ? undefined : spoiltTime(open(), found)
  if (spoilt !== undefined) settle(spoilt.facts, spoilt.guess)
  for (const facts of open()) settle(facts, sameAs(facts, found) ?? guessFeature(facts, found))
  return all.map((facts) => guesses.get(facts)!)
}

function inferredOf(column: ColumnStatistics, { role, reason, unit, unreadableTime }: Guess): InferredColumn {
  const { name, distinct, distinctIsEstimate, missing, min, max, mean, deviation } = column
  return {
    name,
    dtype: dtypeOf(column),
    role,
    reason,
    ...(unit !== undefined && { unit }),
    ...(unreadableTime && { unreadableTime }),
    distinct,
    distinctIsEstimate,
    missing,
    ...(min === undefined || max === undefined ? {} : { min, max }),
    ...(mean === undefined ? {} : { mean }),
    ...(deviation === undefined ? {} : { deviation }),
  }
}
