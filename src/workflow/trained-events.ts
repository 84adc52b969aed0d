import type { Database } from '../events/database.ts'

/** How long sessions are, and when their events were. */
export interface SessionSpans {
  /** Session `i` holds the events from `offsets[i]` up to `offsets[i + 1]`: [sessions + 1]. In order of first appearance. */
  readonly offsets: Int32Array
  /** Of all events, in the order of the sessions; undefined where the workflow names no time. */
  readonly times?: Float64Array
}

/** Says how many of the first events of each session are learnt from: [sessions]. */
export type TrainedEvents = (spans: SessionSpans) => Int32Array

/** Makes `table` of the events of `from`, which then also say whether they are learnt from: a column `trains`. */
export async function markTrained(
  database: Database,
  table: string,
  {
    from,
    timed,
    trained,
  }: { readonly from: string; readonly timed: boolean; readonly trained: TrainedEvents },
): Promise<void> {
  const order = timed ? 'time, row' : 'row'
  const [sessions, lengths] = await database.columns(
    `SELECT CAST(session AS DOUBLE), CAST(count(*) AS DOUBLE) FROM ${from} AS s GROUP BY session ORDER BY session`,
  )
  const offsets = new Int32Array(lengths!.length + 1)
  for (const [index, length] of lengths!.entries()) offsets[index + 1] = offsets[index]! + length
  const [times] = timed
    ? await database.columns(`SELECT time FROM ${from} AS s ORDER BY session, ${order}`)
    : []
  const events = trained({ offsets, ...(times !== undefined && { times }) })
  await database.run(`CREATE TABLE trained (session DOUBLE, events INTEGER)`)
  await database.append('trained', [
    { type: 'DOUBLE', values: [...sessions!] },
    { type: 'INTEGER', values: [...events] },
  ])
  await database.run(
    `CREATE TABLE ${table} AS SELECT s.*, row_number() OVER (PARTITION BY s.session ORDER BY ${order}) <= t.events AS trains ` +
      `FROM ${from} AS s JOIN trained AS t ON t.session = s.session`,
  )
  await database.run('DROP TABLE trained')
}
