import type { Served } from '../artifact/index.ts'
import { UNKNOWN } from '../codes.ts'
import { graphInputs } from '../recommend/graph-inputs.ts'
import type { Event } from '../workflow/event-values.ts'
import type { FittedWorkflow } from '../workflow/fitted-workflow.ts'
import { encodedInputs } from '../workflow/model-inputs.ts'
import type { WorkflowPast } from '../workflow/workflow-past.ts'

/** A session as the model reads it. */
export interface ReadSession {
  readonly inputs: Readonly<Record<string, Int32Array | Float32Array>>
  /** Which of the given events each place is. [time]. */
  readonly events: Int32Array
}

/** As the recommender reads it: the latest events with a known item; undefined where there is none. */
export function readSession(
  events: readonly Event[],
  {
    workflow,
    served,
    maxLength,
    past,
  }: {
    readonly workflow: FittedWorkflow
    readonly served: Served
    readonly maxLength: number
    readonly past: WorkflowPast | undefined
  },
): ReadSession | undefined {
  const encoded = workflow.encode(events, past && { past })
  const inputs = encodedInputs(workflow.definition, encoded)
  const places = Int32Array.from(inputs.items.keys())
    .filter((at) => inputs.items[at] !== UNKNOWN)
    .slice(-maxLength)
  if (places.length === 0) return undefined
  const timeColumn = (workflow.definition.time?.options['name'] ?? 'time') as string
  return {
    inputs: graphInputs(inputs, places, { served, timeColumn }),
    events: places.map((at) => encoded.events[at]!),
  }
}
