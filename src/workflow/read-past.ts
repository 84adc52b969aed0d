import type { EventSource } from '../events/event-source.ts'
import { withTypedEvents, type TypedColumn } from '../events/typed-events.ts'
import { columnsOf, numberPattern, reached, timePattern, type Value } from '../expressions/index.ts'
import type { Definition } from './definition.ts'
import { jsonRows } from './json-rows.ts'
import { observeColumns, streamInputs, type WorkflowPast } from './workflow-past.ts'

/** Tells a past of all events of a source. Throws what reading events throws. */
export async function readPast(
  source: EventSource,
  definition: Definition,
  past: WorkflowPast,
): Promise<void> {
  const columns = pastColumns(definition)
  if (columns.length === 0) return
  const spelling = { number: numberPattern, time: timePattern }
  await withTypedEvents(source, columns, { spelling }, async (database) => {
    const rows = await jsonRows(
      database,
      `SELECT ${columns.map((_, at) => `c${at}`).join(', ')} FROM events ORDER BY rowid`,
    )
    observeColumns(past, rows.length, (name, type): readonly Value[] => {
      const at = columns.findIndex((column) => column.name === name && column.type === type)
      return rows.map((row) => row[`c${at}`]!)
    })
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
