import type { Database } from '../events/database.ts'
import type { Value } from '../expressions/index.ts'
import type { Definition } from './definition.ts'
import { compileStage } from './fit-plan.ts'
import { jsonRows } from './json-rows.ts'
import type { StagedEvents } from './run-stages.ts'
import { stagePlans } from './stage-plans.ts'

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
  /** A value a session, by name. */
  readonly context: Readonly<Record<string, readonly Value[]>>
}

/** Reads the features of staged events. */
export async function readFeatures(
  database: Database,
  definition: Definition,
  { features: stage, states, names: sessions }: StagedEvents,
): Promise<FeatureTable> {
  const plan = stagePlans(definition).at(-1)!
  const compiled = compileStage(plan, plan.roots, stage, states.at(-1)!)
  const names = Object.keys(definition.features)
  const values = plan.roots.map((root, at) => `${compiled.value(root)} AS f${at}`)
  const rows = await jsonRows(
    database,
    `SELECT o.name AS session, s.row AS row, ${values.join(', ')} FROM ${compiled.from} AS s ` +
      `JOIN ${sessions} AS o ON o.session = s.session ORDER BY s.session, s.${stage.window.order.replace(', ', ', s.')}`,
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
    context: Object.fromEntries(
      Object.keys(definition.context).map((name, at) => [
        name,
        offsets.slice(1).map((end) => rows[end - 1]![`f${names.length + at}`]!),
      ]),
    ),
  }
}
