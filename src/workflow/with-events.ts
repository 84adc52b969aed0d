import type { Database, DatabaseOptions } from '../events/database.ts'
import type { EventSource } from '../events/event-source.ts'
import { withTypedEvents } from '../events/typed-events.ts'
import { engineFunctions, numberPattern, timePattern } from '../expressions/index.ts'
import { checkTimes } from './check-times.ts'
import type { Definition } from './definition.ts'
import { definitionColumns } from './definition-columns.ts'

/** Loads the events that a definition reads and runs `body` on them. Throws what reading events throws. */
export function withEvents<Result>(
  source: EventSource,
  definition: Definition,
  options: DatabaseOptions,
  body: (database: Database) => Promise<Result>,
): Promise<Result> {
  const spelling = { number: numberPattern, time: timePattern }
  const { steps, features, context } = definition
  const trees = [
    ...steps.flatMap((step) => ('keep' in step ? [step.keep] : [])),
    ...Object.values(features),
    ...Object.values(context),
  ]
  const functions = engineFunctions(trees, definition.functions)
  return withTypedEvents(
    source,
    definitionColumns(definition),
    { ...options, spelling, functions },
    async (database) => {
      await checkTimes(database, definition)
      return body(database)
    },
  )
}
