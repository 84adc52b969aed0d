import type { Database } from '../events/database.ts'
import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { definitionColumns } from './definition-columns.ts'
import type { Definition } from './definition.ts'
import { stagePlans } from './stage-plans.ts'
import { compileStage, fitPlan, useStates, type Stage, type States } from './fit-plan.ts'

export interface StagedEvents {
  /** Of every plan of `stagePlans`. */
  readonly states: readonly States[]
  readonly features: Stage
  /** The stage with the events of one bucket of sessions alone. */
  readonly bucket: (bucket: number) => Stage
}

export interface StageOptions {
  /** The states that are used; without, they are learnt, from `previous` on where it is given. */
  readonly states?: readonly States[]
  readonly previous?: readonly States[]
  /** Which events are learnt from: times from `from` to below `until`, in milliseconds. */
  readonly period?: Period
  readonly training: boolean
  /** Into how many parts sessions are divided by their hash, so that one fits into memory; default 1. */
  readonly buckets?: number
}

export interface Period {
  readonly from?: number
  readonly until?: number
}

/** Takes the events of the table `events` through the steps, and learns or uses the states on the way. */
export async function runStages(
  database: Database,
  definition: Definition,
  options: StageOptions,
): Promise<StagedEvents> {
  const { buckets = 1, period = {}, training } = options
  const columns = definitionColumns(definition)
  const place = (name: string, type: string): number =>
    columns.findIndex((column) => column.name === name && column.type === type)
  const timed = definition.time !== undefined
  const base = ['row', 'bucket', 'session', 'time', ...columns.map((_, at) => `c${at}`)]
  // The engine's own hash stays inside: it decides what is computed together and nothing that is kept.
  const events =
    `(SELECT rowid AS row, ${buckets === 1 ? '0' : `CAST(hash(c0) % ${buckets} AS INTEGER)`} AS bucket, c0 AS session, ` +
    `${timed ? 'c1' : 'NULL'} AS time, ${base.slice(4).join(', ')} FROM events)`
  const learnt = inPeriod(definition, period)
  const stage = (from: string, at: number): Stage => ({
    from,
    events,
    ...(learnt !== undefined && { learnt }),
    column: (name, type) => `c${place(name, type)}`,
    window: { partition: 'session', order: timed ? 'time, row' : 'row' },
    name: String(at),
    training,
  })
  const inBucket = (from: string, bucket: number): string =>
    buckets === 1 ? from : `(SELECT * FROM ${from} WHERE bucket = ${bucket})`
  const plans = stagePlans(definition)
  const states: States[] = []
  const statesOf = async (at: number, from: string): Promise<States> => {
    const known = options.states?.[at]
    if (known === undefined) return fitPlan(database, plans[at]!, stage(from, at), options.previous?.[at])
    await useStates(database, plans[at]!, stage(from, at), known)
    return known
  }

  const streams = plans.some(({ nodes }) => nodes.some(({ operator }) => operator.scope === 'stream'))
  let from = events
  let at = 0
  for (const [index, step] of definition.steps.entries()) {
    let next: (from: string) => string
    if ('keep' in step) {
      const plan = plans[at]!
      const own = await statesOf(at, from)
      states.push(own)
      const here = at++
      next = (part) => {
        const compiled = compileStage(plan, plan.roots, stage(part, here), own)
        return `SELECT ${base.join(', ')} FROM ${compiled.from} AS s WHERE ${compiled.value(plan.roots[0]!)}`
      }
    } else next = (part) => splitSql(part, base, step.splitAfterMs)
    for (let bucket = 0; bucket < buckets; bucket++)
      await database.run(
        `${bucket === 0 ? `CREATE TABLE stage_${index} AS` : `INSERT INTO stage_${index}`} ${next(inBucket(from, bucket))}`,
      )
    if (index > 0) await database.run(`DROP TABLE ${from}`)
    else if (!streams) await database.run('DROP TABLE events')
    from = `stage_${index}`
  }
  const [left] = await database.rows(`SELECT count(*) AS events FROM ${from}`)
  if (Number(left!['events']) === 0)
    throw new EnsuiteError('EVENTS_EMPTY', 'No event is left after the steps. Loosen what they keep.')
  states.push(await statesOf(at, from))
  const last = at
  return { states, features: stage(from, last), bucket: (bucket) => stage(inBucket(from, bucket), last) }
}

/** The events of a period, as a condition; what they know of events before it stays. Throws `OPTION_UNKNOWN` or `OPTION_INVALID`. */
function inPeriod({ time }: Definition, period: Period): string | undefined {
  checkOptions('period', period, ['from', 'until'])
  const { from, until } = period
  if (from === undefined && until === undefined) return undefined
  if (time === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'A period needs times: name the column with time in the workflow.',
    )
  if (from !== undefined) checkNumber('period: from', from, {})
  if (until !== undefined) checkNumber('period: until', until, from === undefined ? {} : { above: from })
  return [
    ...(from === undefined ? [] : [`time >= CAST(${from} AS DOUBLE)`]),
    ...(until === undefined ? [] : [`time < CAST(${until} AS DOUBLE)`]),
  ].join(' AND ')
}

function splitSql(from: string, base: readonly string[], splitAfterMs: number): string {
  const own = 'OVER (PARTITION BY session ORDER BY time, row)'
  const others = base.filter((name) => name !== 'session')
  return (
    `SELECT session || '#' || CAST(sum(gap) ${own} AS VARCHAR) AS session, ${others.join(', ')} FROM ` +
    `(SELECT *, CASE WHEN time - lag(time) ${own} > CAST(${splitAfterMs} AS DOUBLE) THEN 1 ELSE 0 END AS gap FROM ${from}) AS s`
  )
}
