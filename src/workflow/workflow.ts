import { EnsuiteError } from '../errors.ts'
import type { EventSource } from '../events/event-source.ts'
import type { RawSessions } from '../events/raw-sessions.ts'
import { createFittedWorkflow, type FittedWorkflow } from './fitted-workflow.ts'
import { readForWorkflow } from './read-for-workflow.ts'
import { checkRaw, rawColumn } from './transform-sessions.ts'
import { fitVocabulary } from './vocabulary.ts'
import {
  type ResolvedWorkflowOptions,
  resolveWorkflowOptions,
  type WorkflowOptions,
} from './workflow-options.ts'

/** What is to be learnt from events, before any event is seen. */
export interface Workflow {
  readonly options: ResolvedWorkflowOptions
  /**
   * Fits the vocabularies. Throws what `readSessions` throws, and `EVENTS_EMPTY` if no item has `minCount` events.
   * Fit and transform of the same sessions read a file once if `RawSessions` of `readSessions` are given to both.
   */
  fit(events: EventSource | RawSessions): Promise<FittedWorkflow>
}

/** Says which columns make sessions. Throws `OPTION_UNKNOWN` or `OPTION_INVALID`. */
export function workflow(options: WorkflowOptions): Workflow {
  const resolved = resolveWorkflowOptions(options)
  return Object.freeze<Workflow>({
    options: resolved,
    fit: async (events) => {
      if (typeof events !== 'object' || (events as unknown) === null)
        throw new EnsuiteError(
          'OPTION_INVALID',
          `fit expects a source such as { path: 'events.csv' } or raw sessions, received ${JSON.stringify(events)}.`,
        )
      const raw = 'offsets' in events ? events : await readForWorkflow(events, resolved)
      return fitWorkflow(raw, resolved)
    },
  })
}

function fitWorkflow(raw: RawSessions, options: ResolvedWorkflowOptions): FittedWorkflow {
  checkRaw(raw, options)
  const { item, categorical, minCount } = options
  const vocabularies = Object.fromEntries(
    [item, ...categorical].map((name) => [name, fitVocabulary(rawColumn(raw, name), { minCount })]),
  )
  if (vocabularies[item]!.values.length === 0) {
    throw new EnsuiteError(
      'EVENTS_EMPTY',
      `No item of column '${item}' has ${minCount} or more of the ${raw.offsets[raw.count] ?? 0} events. Lower minCount, or give more events.`,
    )
  }
  return createFittedWorkflow(options, vocabularies)
}
