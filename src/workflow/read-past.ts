import type { EventSource } from '../events/event-source.ts'
import { withTypedEvents, type TypedColumn } from '../events/typed-events.ts'
import { columnsOf, numberPattern, reached, timePattern, type Value } from '../expressions/index.ts'
import { checkTimes } from './check-times.ts'
import type { Definition } from './definition.ts'
import { jsonRows } from './json-rows.ts'
import { observeColumns, streamInputs, type WorkflowPast } from './workflow-past.ts'

/** Events that are in memory at once. */
const BLOCK = 100_000

/** Tells a past of all events of a source. Throws what reading events throws. */
export async function readPast(
  source: EventSource,
  definition: Definition,
  past: WorkflowPast,
): Promise<void> {
  const columns = pastColumns(definition)
  if (columns.length === 0) return
  const spelling = { number: numberPattern, time: timePattern }
  const placeOf = (name: unknown, type: unknown): number =>
    columns.findIndex((column) => column.name === name && column.type === type)
  const { time } = definition
  const timeAt = placeOf(time?.options['name'], time?.options['type'])
  const list = columns.map((_, at) => `c${at}`).join(', ')
  await withTypedEvents(source, columns, { spelling }, async (database) => {
    // Before any is told: a past that has seen half of a file would be of no use.
    if (timeAt >= 0) await checkTimes(database, definition, timeAt)
    const [counted] = await database.rows('SELECT count(*) AS events FROM events')
    for (let from = 0; from < Number(counted!['events']); from += BLOCK) {
      const rows = await jsonRows(
        database,
        `SELECT ${list} FROM events WHERE rowid >= ${from} AND rowid < ${from + BLOCK} ORDER BY rowid`,
      )
      observeColumns(past, rows.length, (name, type): readonly Value[] => {
        const at = placeOf(name, type)
        return rows.map((row) => row[`c${at}`]!)
      })
    }
  })
}

/** The columns that operators which look at all sessions read, each once. */
function pastColumns(definition: Definition): readonly TypedColumn[] {
  const found = new Map<string, TypedColumn>()
  for (const plan of streamInputs(definition)) {
    const needed = reached(plan, plan.roots)
    for (const { place, name, type } of columnsOf(plan))
      if (needed.has(place))
        found.set(JSON.stringify([name, type]), { name, type: type as TypedColumn['type'] })
  }
  return [...found.values()]
}
