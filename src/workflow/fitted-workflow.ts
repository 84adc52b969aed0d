import type { EventSource } from '../events/event-source.ts'
import type { RawSessions } from '../events/raw-sessions.ts'
import { type EncodedEvents, encodeEvents, type Event } from './encode-events.ts'
import type { Sessions } from './sessions.ts'
import { transformSessions } from './transform-sessions.ts'
import type { Vocabulary } from './vocabulary.ts'
import type { ResolvedWorkflowOptions } from './workflow-options.ts'

/** The version of the JSON that this package writes, and the newest that it reads. */
export const WORKFLOW_VERSION = 1

/** A fitted workflow as JSON: all that is needed to encode and decode, anywhere. */
export interface FittedWorkflowJson {
  readonly version: number
  readonly options: ResolvedWorkflowOptions
  /** By column; `values[j]` has the code `j + RESERVED`. */
  readonly vocabularies: Readonly<
    Record<string, { readonly values: readonly string[]; readonly counts: readonly number[] }>
  >
}

/** The columns of a workflow with their vocabularies: an immutable value that runs in Node and in browsers. */
export interface FittedWorkflow {
  readonly version: number
  readonly options: ResolvedWorkflowOptions
  /** Vocabularies of the item column and the categorical columns, by name. */
  readonly vocabularies: Readonly<Record<string, Vocabulary>>
  /** How many codes each column has, reserved ones included: what a model needs to know of the columns. */
  readonly schema: { readonly items: number; readonly categorical: Readonly<Record<string, number>> }
  /** Turns events into sessions of codes. A source is read from files, in Node only; throws what `readSessions` throws. */
  transform(events: EventSource | RawSessions): Promise<Sessions>
  /** Encodes the events of one session, oldest first, exactly as `transform` does. */
  encode(events: readonly Event[]): EncodedEvents
  toJSON(): FittedWorkflowJson
}

/** Puts a fitted workflow together. Reading files is loaded when first asked for, so that browsers never load it. */
export function createFittedWorkflow(
  options: ResolvedWorkflowOptions,
  vocabularies: Readonly<Record<string, Vocabulary>>,
): FittedWorkflow {
  return Object.freeze<FittedWorkflow>({
    version: WORKFLOW_VERSION,
    options,
    vocabularies: Object.freeze(vocabularies),
    schema: {
      items: vocabularies[options.item]!.size,
      categorical: Object.fromEntries(options.categorical.map((name) => [name, vocabularies[name]!.size])),
    },
    transform: async (events) => {
      if ('offsets' in events) return transformSessions(events, options, vocabularies)
      const { readForWorkflow } = await import('./read-for-workflow.ts')
      return transformSessions(await readForWorkflow(events, options), options, vocabularies)
    },
    encode: (events) => encodeEvents(events, options, vocabularies),
    toJSON: () => ({
      version: WORKFLOW_VERSION,
      options,
      vocabularies: Object.fromEntries(
        Object.entries(vocabularies).map(([name, { values, counts }]) => [name, { values, counts }]),
      ),
    }),
  })
}
