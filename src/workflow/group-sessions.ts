import type { Database } from '../events/database.ts'
import { identifier } from '../events/sql.ts'
import type { Definition } from './definition.ts'
import { compileStage } from './fit-plan.ts'
import { featureTypes, type FeatureType } from './feature-types.ts'
import type { StagedEvents } from './run-stages.ts'
import { stagePlans } from './stage-plans.ts'

export interface GroupOptions {
  /** Sessions of fewer events are left out; default 1. */
  readonly minEvents?: number
  /** Of longer sessions the latest events are kept. Default: all. */
  readonly maxEvents?: number
  readonly buckets: number
  readonly onBucket?: (done: number) => void
}

const sqlTypes: Readonly<Record<FeatureType, string>> = {
  int32: 'INTEGER',
  float32: 'FLOAT',
  float64: 'DOUBLE',
  text: 'VARCHAR',
  boolean: 'BOOLEAN',
}

/** Columns of the table `sessions` beside the features, which are lists with an entry an event. */
export const sessionColumns = ['session', 'first_row', 'first_time', 'events'] as const

/**
 * Makes the table `sessions`, one row a session, a bucket of sessions at a time.
 *
 * Lists are sorted as lists of structs: an ordered aggregate takes seven times as long, and neither can leave memory for disk, hence the buckets.
 */
export async function groupSessions(
  database: Database,
  definition: Definition,
  staged: StagedEvents,
  { minEvents = 1, maxEvents, buckets, onBucket }: GroupOptions,
): Promise<void> {
  const plan = stagePlans(definition).at(-1)!
  const types = Object.values(featureTypes(definition))
  const names = Object.keys(definition.features)
  const cut = maxEvents === undefined ? 'l' : `l[-${maxEvents}:]`
  const lists = names.map((name, at) => `list_transform(${cut}, lambda e: e.f${at}) AS ${identifier(name)}`)
  for (let bucket = 0; bucket < buckets; bucket++) {
    const stage = staged.bucket(bucket)
    const compiled = compileStage(plan, plan.roots, stage, staged.states.at(-1)!)
    const order = definition.time === undefined ? `'row': s.row` : `'time': s.time, 'row': s.row`
    const fields = plan.roots.map(
      (root, at) => `'f${at}': CAST(${compiled.value(root)} AS ${sqlTypes[types[at]!]})`,
    )
    const first = definition.time === undefined ? 'NULL' : 'l[1].time'
    await database.run(
      `${bucket === 0 ? 'CREATE TABLE sessions AS' : 'INSERT INTO sessions'} ` +
        `SELECT session, first_row, CAST(${first} AS DOUBLE) AS first_time, CAST(len(${cut}) AS INTEGER) AS events, ${lists.join(', ')} FROM ` +
        `(SELECT s.session AS session, min(s.row) AS first_row, list_sort(list({${[order, ...fields].join(', ')}})) AS l ` +
        `FROM ${compiled.from} AS s GROUP BY s.session) AS g WHERE len(l) >= ${minEvents}`,
    )
    onBucket?.(bucket + 1)
  }
}
