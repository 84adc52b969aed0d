import type { Database } from '../events/database.ts'
import { EnsuiteError } from '../errors.ts'
import { columnsOf, type Plan } from '../expressions/index.ts'
import { definitionColumns } from './definition-columns.ts'
import { stagePlans } from './stage-plans.ts'
import type { Definition } from './definition.ts'
import { compileStage, fitPlan, useStates, type Fitted, type Stage, type States } from './fit-plan.ts'
import { inPeriod, shownPeriod, type Period } from './period.ts'
import {
  allSessions,
  createSessionNames,
  inRange,
  inRanges,
  rowType,
  sessionRanges,
  type SessionRange,
} from './session-keys.ts'
import { namesAtPausesSql, splitAtPausesSql } from './split-at-pauses.ts'
import { markTrained, type TrainedEvents } from './trained-events.ts'

export type { Period } from './period.ts'

export interface StagedEvents {
  /** Of every plan of `stagePlans`. */
  readonly states: readonly States[]
  readonly features: Stage
  /** The table of the sessions' names, by number. */
  readonly names: string
  /** The stage with the events of some sessions alone. */
  readonly within: (range: SessionRange) => Stage
}

export interface StageOptions {
  /** The states that are used; without, they are learnt, from `previous` on where it is given. */
  readonly states?: readonly States[]
  readonly previous?: readonly States[]
  /** Which events are learnt from: times from `from` to below `until`, in milliseconds. */
  readonly period?: Period
  /** Which events the features are learnt from, in sessions as the steps left them; default: all. */
  readonly trained?: TrainedEvents
  /** Which sessions the features are learnt from, and trained on: a condition in SQL on a session's name, undefined for all. */
  readonly trainedSessions?: (name: string) => string | undefined
  readonly training: boolean
  /** Into how many parts sessions are divided, so that one fits into memory; default 1. */
  readonly buckets?: number
}

/** Up to so many buckets, steps take all sessions at once. */
const WHOLE = 8

const learnsAny = ({ nodes }: Plan): boolean =>
  nodes.some(({ operator }) => operator.scope === 'event' && operator.fit !== undefined)

/** Takes the events of the table `events` through the steps, and learns or uses the states on the way. */
export async function runStages(
  database: Database,
  definition: Definition,
  options: StageOptions,
): Promise<StagedEvents> {
  const { buckets = 1, period = {} } = options
  let training: boolean | string = options.training
  const columns = definitionColumns(definition)
  const timed = definition.time !== undefined
  const column = (name: string, type: string): string => {
    const at = columns.findIndex((each) => each.name === name && each.type === type)
    return timed && at === 1 ? 'time' : `c${at}`
  }
  const plans = stagePlans(definition)
  const streams = plans.some(({ nodes }) => nodes.some(({ operator }) => operator.scope === 'stream'))
  /** What events carry on: what the plans from this one on read. */
  const carried = (plan: number): readonly string[] => {
    const read = plans
      .slice(plan)
      .flatMap((each) => columnsOf(each).map(({ name, type }) => column(name, type)))
    return ['row', 'session', ...(timed ? ['time'] : []), ...new Set(read.filter((name) => name !== 'time'))]
  }
  const own = columns.map((_, at) => (timed && at === 1 ? 'e.c1 AS time' : `e.c${at} AS c${at}`))
  const type = await rowType(database)
  const events = `(SELECT CAST(e.rowid AS ${type}) AS row, ${own.join(', ')} FROM events AS e)`
  let learnt = inPeriod(definition, period)
  const trainOnly = (condition: string): void => {
    if (training !== false) training = training === true ? condition : `${training} AND ${condition}`
  }
  // What nothing was learnt from is computed as it is served.
  if (learnt !== undefined) trainOnly(`(${learnt})`)
  const learnOnly = (condition: string): void => {
    learnt = learnt === undefined ? condition : `${learnt} AND ${condition}`
  }
  const stage = (from: string, at: number, tables: Fitted['tables'] = new Map()): Stage => ({
    from,
    events,
    ...(learnt !== undefined && { learnt }),
    column,
    window: { partition: 'session', order: timed ? 'time, row' : 'row' },
    name: String(at),
    training,
    tables,
  })
  const inside = (from: string, range: SessionRange): string =>
    range === allSessions ? from : `(SELECT * FROM ${from} WHERE ${inRange('session', range)})`
  const fit = async (at: number, from: string): Promise<Fitted> => {
    const known = options.states?.[at]
    if (known !== undefined) return useStates(database, plans[at]!, stage(from, at), known)
    return fitPlan(database, plans[at]!, stage(from, at), options.previous?.[at])
  }

  let names = 'names'
  await createSessionNames(database, names, type)
  let from = `(SELECT n.session AS session, e.* FROM ${events} AS e JOIN ${names} AS n ON n.name = e.c0)`
  const [first] = definition.steps
  // Windows go to disk where memory is short, as lists do not: a few times it is cheaper to let them than to write all events once more.
  const whole = buckets <= WHOLE
  let ranges = whole ? [allSessions] : await sessionRanges(database, names, { parts: buckets })
  // One pass over the events is enough where the first step learns nothing and takes all sessions at once.
  const fused = first !== undefined && whole && !('keep' in first && learnsAny(plans[0]!))
  if (!fused) {
    await database.run(`CREATE TABLE stage AS SELECT ${carried(0).join(', ')} FROM ${from} AS s`)
    if (!streams) await database.run('DROP TABLE events')
    from = 'stage'
  }
  const states: States[] = []
  let at = 0
  for (const [index, step] of definition.steps.entries()) {
    const table = `stage_${index}`
    let next: (from: string) => string
    if ('keep' in step) {
      const plan = plans[at]!
      const fitted = await fit(at, from)
      states.push(fitted.states)
      const here = at++
      next = (part) => {
        const compiled = compileStage(plan, plan.roots, stage(part, here, fitted.tables), fitted.states)
        return `SELECT ${carried(here + 1).join(', ')} FROM ${compiled.from} AS s WHERE ${compiled.value(plan.roots[0]!)}`
      }
    } else next = (part) => splitAtPausesSql(part, carried(at), step.splitAfterMs)
    const source = from
    await database.run(`CREATE TABLE ${table} AS ${next(source)} WITH NO DATA`)
    await inRanges(database, names, ranges, async (range) => {
      await database.run(`INSERT INTO ${table} ${next(inside(source, range))}`)
    })
    if (source === 'stage' || index > 0) await database.run(`DROP TABLE ${source}`)
    else if (!streams) await database.run('DROP TABLE events')
    if (!('keep' in step)) {
      await database.run(`CREATE TABLE names_${index} AS ${namesAtPausesSql(table, names)}`)
      await database.run(`DROP TABLE ${names}`)
      names = `names_${index}`
      if (!whole) ranges = await sessionRanges(database, names, { parts: buckets })
    }
    from = table
  }
  const inTime = learnt === undefined ? 'true' : `(${learnt})`
  const [left] = await database.rows(
    `SELECT count(*) AS events, count(*) FILTER (WHERE ${inTime}) AS learnt FROM ${from}`,
  )
  if (Number(left!['events']) === 0)
    throw new EnsuiteError('EVENTS_EMPTY', 'No event is left after the steps. Loosen what they keep.')
  if (options.states === undefined && Number(left!['learnt']) === 0)
    throw new EnsuiteError(
      'EVENTS_EMPTY',
      `There is nothing to learn from: of ${left!['events']!} events none lies in the period ${shownPeriod(period)}. Give a period that the events reach into.`,
    )
  if (options.trained !== undefined) {
    await markTrained(database, 'marked', { from, timed, trained: options.trained })
    from = 'marked'
    learnOnly('trains')
  }
  const drawn = options.trainedSessions?.('n.name')
  if (drawn !== undefined) {
    await database.run(`CREATE TABLE drawn AS SELECT session FROM ${names} AS n WHERE ${drawn}`)
    const trains = 'session IN (SELECT session FROM drawn)'
    learnOnly(trains)
    trainOnly(trains)
  }
  const fitted = await fit(at, from)
  states.push(fitted.states)
  const [last, all] = [at, from]
  return {
    states,
    names,
    features: stage(all, last, fitted.tables),
    within: (range) => stage(inside(all, range), last, fitted.tables),
  }
}
