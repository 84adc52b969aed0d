import type { Database } from '../events/database.ts'
import { columnsOf, planOf, type Expression, type Plan, type Value } from '../expressions/index.ts'
import type { TypedColumn } from '../events/typed-events.ts'
import type { Definition } from './definition.ts'
import { compileStage, fitPlan, useStates, type Stage, type States } from './fit-plan.ts'
import { jsonRows } from './state-tables.ts'

/** The columns that a definition reads, each once; the session is first, the time second where there is one. */
export function definitionColumns({ session, time, steps, features }: Definition): readonly TypedColumn[] {
  const trees = [
    session,
    ...(time === undefined ? [] : [time]),
    ...steps.flatMap((step) => ('keep' in step ? [step.keep] : [])),
    ...Object.values(features),
  ]
  return columnsOf(planOf(trees)).map(({ name, type }, at) => ({
    name,
    type: type as TypedColumn['type'],
    required: at === 0 || (at === 1 && time !== undefined),
  }))
}

/** The plans of a definition, a stage each: those of the steps that keep events, then that of the features. */
export function stagePlans({ steps, features }: Definition): readonly Plan[] {
  const keeps = steps.flatMap((step) => ('keep' in step ? [planOf([step.keep])] : []))
  return [...keeps, planOf(Object.values(features) as Expression[])]
}

export interface StagedEvents {
  /** Of every plan of `stagePlans`. */
  readonly states: readonly States[]
  readonly features: Stage
}

/**
 * Takes the events of the table `events` through the steps, and learns or uses the states on the way.
 * `states`: those that are used; without, they are learnt, from `previous` on where it is given.
 */
export async function runStages(
  database: Database,
  definition: Definition,
  options: {
    readonly states?: readonly States[]
    readonly previous?: readonly States[]
    readonly training: boolean
  },
): Promise<StagedEvents> {
  const columns = definitionColumns(definition)
  const place = (name: string, type: string): number =>
    columns.findIndex((column) => column.name === name && column.type === type)
  const timed = definition.time !== undefined
  const base = ['row', 'session', 'time', ...columns.map((_, at) => `c${at}`)]
  const stage = (from: string, at: number): Stage => ({
    from,
    column: (name, type) => `c${place(name, type)}`,
    window: { partition: 'session', order: timed ? 'time, row' : 'row' },
    name: String(at),
    training: options.training,
  })
  const plans = stagePlans(definition)
  const states: States[] = []
  const statesOf = async (at: number, from: string): Promise<States> => {
    const known = options.states?.[at]
    if (known === undefined) return fitPlan(database, plans[at]!, stage(from, at), options.previous?.[at])
    await useStates(database, plans[at]!, stage(from, at), known)
    return known
  }

  await database.run(
    `CREATE TEMP TABLE stage_events AS SELECT rowid AS row, c0 AS session, ${timed ? 'c1' : 'NULL'} AS time, ` +
      `${base.slice(3).join(', ')} FROM events`,
  )
  await database.run('DROP TABLE events')
  let from = 'stage_events'
  let at = 0
  for (const [index, step] of definition.steps.entries()) {
    let next: string
    if ('keep' in step) {
      const plan = plans[at]!
      const own = await statesOf(at, from)
      states.push(own)
      const compiled = compileStage(plan, plan.roots, stage(from, at), own)
      next = `SELECT ${base.join(', ')} FROM ${compiled.from} AS s WHERE ${compiled.value(plan.roots[0]!)}`
      at++
    } else next = splitSql(from, base, step.splitAfterMs)
    await database.run(`CREATE TEMP TABLE stage_${index} AS ${next}`)
    await database.run(`DROP TABLE ${from}`)
    from = `stage_${index}`
  }
  states.push(await statesOf(at, from))
  return { states, features: stage(from, at) }
}

function splitSql(from: string, base: readonly string[], splitAfterMs: number): string {
  const own = 'OVER (PARTITION BY session ORDER BY time, row)'
  const others = base.filter((name) => name !== 'session')
  return (
    `SELECT session || '#' || CAST(sum(gap) ${own} AS VARCHAR) AS session, ${others.join(', ')} FROM ` +
    `(SELECT *, CASE WHEN time - lag(time) ${own} > CAST(${splitAfterMs} AS DOUBLE) THEN 1 ELSE 0 END AS gap FROM ${from}) AS s`
  )
}

/** Sessions as ragged columns of features. */
export interface FeatureTable {
  readonly count: number
  /** Session `i` holds the events from `offsets[i]` up to `offsets[i + 1]`: [count + 1]. Sessions in order of first appearance. */
  readonly offsets: Int32Array
  /** Raw session ids; those of split sessions end in `#` and their number: [count]. */
  readonly sessionIds: readonly string[]
  /** The place in the files of each event, from 0: [events]. */
  readonly rows: Float64Array
  readonly features: Readonly<Record<string, readonly Value[]>>
}

/** Reads the features of staged events. */
export async function readFeatures(
  database: Database,
  definition: Definition,
  { features: stage, states }: StagedEvents,
): Promise<FeatureTable> {
  const plan = stagePlans(definition).at(-1)!
  const compiled = compileStage(plan, plan.roots, stage, states.at(-1)!)
  const names = Object.keys(definition.features)
  const values = plan.roots.map((root, at) => `${compiled.value(root)} AS f${at}`)
  const sessions = `(SELECT session, min(row) AS first FROM ${stage.from} GROUP BY session)`
  const rows = await jsonRows(
    database,
    `SELECT s.session AS session, s.row AS row, ${values.join(', ')} FROM ${compiled.from} AS s ` +
      `JOIN ${sessions} AS o ON o.session = s.session ORDER BY o.first, s.${stage.window.order.replace(', ', ', s.')}`,
  )
  const offsets = [0]
  const sessionIds: string[] = []
  for (const [index, row] of rows.entries()) {
    if (row['session'] === sessionIds.at(-1)) continue
    sessionIds.push(row['session'] as string)
    if (index > 0) offsets.push(index)
  }
  if (rows.length > 0) offsets.push(rows.length)
  return {
    count: sessionIds.length,
    offsets: Int32Array.from(offsets),
    sessionIds,
    rows: Float64Array.from(rows, (row) => row['row'] as number),
    features: Object.fromEntries(names.map((name, at) => [name, rows.map((row) => row[`f${at}`]!)])),
  }
}
