import type { Database } from '../events/database.ts'
import { identifier } from '../events/sql.ts'
import { settled } from '../settled.ts'
import type { Definition } from './definition.ts'
import { compileStage } from './fit-plan.ts'
import { featureTypes, type FeatureType } from './feature-types.ts'
import type { GroupedCounts } from './left-out.ts'
import type { StagedEvents } from './run-stages.ts'
import { stagePlans } from './stage-plans.ts'
import { inRanges, sessionRanges, type SessionRange } from './session-keys.ts'
import { draws, splitColumns, splitDraw, type PreparedSplit } from './prepared-split.ts'
import { timeColumn, TIMES } from './time-column.ts'
import { keepsAny, sliceSql, type SessionSlice } from './session-slice.ts'

export interface GroupOptions {
  /** Sessions of fewer events are left out, counted before the slice; default 1. */
  readonly minEvents?: number
  /** Which events of each session are kept; sessions of which none is left are left out. Default: all. */
  readonly slice?: SessionSlice
  /** Into how many parts sessions are divided, so that one fits into memory. */
  readonly buckets: number
  /** Sessions get columns `window_number` and `window_part`, and lie in this order. */
  readonly split?: PreparedSplit
  readonly onBucket?: (done: number) => void
  /** Is done once, as soon as the engine has long to work: on the first bucket, which there always is. */
  readonly meanwhile?: () => Promise<void>
}

const sqlTypes: Readonly<Record<FeatureType, string>> = {
  int32: 'INTEGER',
  float32: 'FLOAT',
  float64: 'DOUBLE',
  text: 'VARCHAR',
  boolean: 'BOOLEAN',
}

/** A number that 32 bits do not hold is missing, as what overflows is elsewhere. */
const castSql = (sql: string, type: FeatureType): string =>
  `${type === 'float32' ? 'TRY_CAST' : 'CAST'}(${sql} AS ${sqlTypes[type]})`

/** Columns of the table `sessions` beside the features, which are lists with an entry an event. */
export const sessionColumns = ['session', 'first_row', 'first_time', 'events'] as const

/**
 * Makes the table `sessions`, one row a session, a bucket of sessions at a time, each in order of first appearance, and counts what came.
 *
 * Lists are sorted as lists of structs: an ordered aggregate takes seven times as long, and neither can leave memory for disk, hence the buckets.
 */
export async function groupSessions(
  database: Database,
  definition: Definition,
  staged: StagedEvents,
  { buckets, onBucket, meanwhile, ...options }: GroupOptions,
): Promise<GroupedCounts> {
  const sql = (range: SessionRange): string => sessionsSql(definition, staged, range, options)
  const ranges = await sessionRanges(database, staged.names, { parts: buckets })
  await database.run(`CREATE TABLE sessions AS ${sql(ranges[0]!)} WITH NO DATA`)
  let counts: GroupedCounts = { sessions: 0, events: 0, shortSessions: 0, shortEvents: 0 }
  let beside = meanwhile === undefined ? [] : [meanwhile]
  for (const [bucket, range] of ranges.entries()) {
    await inRanges(database, staged.names, [range], async (part) => {
      // What is halved for want of memory is done again: the last that may fail is what writes.
      const own = await countsOf(database, staged.within(part).from, options.minEvents ?? 1)
      const inserting = database.run(`INSERT INTO sessions ${sql(part)}`)
      const others = beside.map((each) => each())
      beside = []
      await settled([inserting, ...others])
      counts = added(counts, own)
    })
    onBucket?.(bucket + 1)
  }
  return counts
}

async function countsOf(database: Database, from: string, minEvents: number): Promise<GroupedCounts> {
  const isShort = `FILTER (WHERE events < ${minEvents})`
  const [row] = await database.rows(
    `SELECT count(*) AS sessions, coalesce(sum(events), 0) AS events, count(*) ${isShort} AS short_sessions, coalesce(sum(events) ${isShort}, 0) AS short_events ` +
      `FROM (SELECT count(*) AS events FROM ${from} AS s GROUP BY session)`,
  )
  return {
    sessions: Number(row!['sessions']),
    events: Number(row!['events']),
    shortSessions: Number(row!['short_sessions']),
    shortEvents: Number(row!['short_events']),
  }
}

const added = (left: GroupedCounts, right: GroupedCounts): GroupedCounts => ({
  sessions: left.sessions + right.sessions,
  events: left.events + right.events,
  shortSessions: left.shortSessions + right.shortSessions,
  shortEvents: left.shortEvents + right.shortEvents,
})

function sessionsSql(
  definition: Definition,
  { states, names, within }: StagedEvents,
  range: SessionRange,
  { minEvents = 1, slice, split }: Pick<GroupOptions, 'minEvents' | 'slice' | 'split'>,
): string {
  const plan = stagePlans(definition).at(-1)!
  const types = Object.values(featureTypes(definition))
  const compiled = compileStage(plan, plan.roots, within(range), states.at(-1)!)
  const timed = definition.time !== undefined
  // The time itself is there to sort by.
  const places = plan.roots.map((root, at) =>
    timed && compiled.value(root) === 'time' && types[at] === 'float64' ? 'time' : `f${at}`,
  )
  const fields = [
    ...(timed ? [`'time': s.time`] : []),
    `'row': s.row`,
    ...plan.roots.flatMap((root, at) =>
      places[at] === 'time' ? [] : [`'f${at}': ${castSql(compiled.value(root), types[at]!)}`],
    ),
  ]
  // All that decides which sessions stay is known before the lists are sorted: a condition on a sorted list would sort it once more.
  const grouped =
    `SELECT s.session AS session, count(*) AS total, ${timed ? 'min(s.time)' : 'CAST(NULL AS DOUBLE)'} AS first_time, ` +
    `list({${fields.join(', ')}}) AS l FROM ${compiled.from} AS s GROUP BY s.session`
  const kept = (list: string): string => (slice === undefined ? list : sliceSql(list, slice))
  const conditions = [
    ...(minEvents > 1 ? [`g.total >= ${minEvents}`] : []),
    ...(slice === undefined || keepsAny(slice) ? [] : [`len(${kept('g.l')}) > 0`]),
  ]
  const cut =
    `SELECT session AS first_row, first_time, ${kept('list_sort(g.l)')} AS l FROM (${grouped}) AS g` +
    (conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`)
  const draw = split === undefined || !draws(split) ? '' : `, ${splitDraw(split, 'n.name')} AS draw`
  const named = `SELECT n.name AS session, g.*${draw} FROM (${cut}) AS g JOIN ${names} AS n ON n.session = g.first_row`
  const own = ['session', 'first_row', 'first_time', 'CAST(len(l) AS INTEGER) AS events']
  const divided = split === undefined ? [] : splitColumns(split, 'draw')
  const order = split === undefined ? 'first_row' : 'window_number, window_part, first_row'
  // Sorting one list a session is cheaper than sorting one a feature.
  const sorted = `SELECT ${[...own, 'l', ...divided].join(', ')} FROM (${named}) AS g ORDER BY ${order}`
  const lists = Object.keys(definition.features).map(
    (name, at) => `list_transform(l, lambda e: e.${places[at]!}) AS ${identifier(name)}`,
  )
  const times = timeColumn(definition) === TIMES ? [`list_transform(l, lambda e: e.time) AS ${TIMES}`] : []
  const context = Object.keys(definition.context).map(
    (name, at) => `l[-1].${places[lists.length + at]!} AS ${identifier(name)}`,
  )
  return `SELECT * EXCLUDE (l), ${[...times, ...lists, ...context].join(', ')} FROM (${sorted}) AS g`
}
