import type { EventSource } from '../events/event-source.ts'
import type { RawSessions } from '../events/raw-sessions.ts'
import { readSessions } from '../events/read-sessions.ts'
import type { ResolvedWorkflowOptions } from './workflow-options.ts'

/** Reads the columns that a workflow names. */
export function readForWorkflow(
  source: EventSource,
  { session, item, time, categorical }: ResolvedWorkflowOptions,
): Promise<RawSessions> {
  return readSessions(source, { session, item, categorical, ...(time === undefined ? {} : { time }) })
}
