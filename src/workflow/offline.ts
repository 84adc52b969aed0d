import type { EventSource } from '../events/event-source.ts'
import { EnsuiteError } from '../errors.ts'
import type { Definition } from './definition.ts'
import { featureStates } from './model-inputs.ts'
import type { States } from './fit-plan.ts'
import { readFeatures, type FeatureTable } from './read-features.ts'
import { readSessions } from './read-sessions.ts'
import { runStages, type Period } from './run-stages.ts'
import type { Sessions } from './sessions.ts'
import { withEvents } from './with-events.ts'

/** What a workflow does with files: all that needs the engine, and so Node. Loaded when first asked for. */

export interface LearnOptions {
  readonly previous?: readonly States[]
  readonly period?: Period
}

/** Learns the states of a definition. Throws what reading throws, and `EVENTS_EMPTY` if no item is left to be known. */
export async function learn(
  source: EventSource,
  definition: Definition,
  options: LearnOptions,
): Promise<readonly States[]> {
  return withEvents(source, definition, {}, async (database) => {
    const { states } = await runStages(database, definition, { training: true, ...options })
    checkItems(definition, states)
    return states
  })
}

interface TransformOptions {
  readonly states: readonly States[]
  readonly training: boolean
}

export const transformToTable = (
  source: EventSource,
  definition: Definition,
  options: TransformOptions,
): Promise<FeatureTable> =>
  withEvents(source, definition, {}, async (database) =>
    readFeatures(database, definition, await runStages(database, definition, options)),
  )

export const transformToSessions = (
  source: EventSource,
  definition: Definition,
  options: TransformOptions,
): Promise<Sessions> =>
  withEvents(source, definition, {}, async (database) =>
    readSessions(database, definition, await runStages(database, definition, options)),
  )

/** Learns, and gives the sessions of the same events: the files are read once. */
export const learnAndTransform = (
  source: EventSource,
  definition: Definition,
  options: LearnOptions,
): Promise<{ readonly states: readonly States[]; readonly sessions: Sessions }> =>
  withEvents(source, definition, {}, async (database) => {
    const staged = await runStages(database, definition, { training: true, ...options })
    checkItems(definition, staged.states)
    return { states: staged.states, sessions: await readSessions(database, definition, staged) }
  })

/** A vocabulary without an item is a mistake, which would otherwise show much later. */
export function checkItems(definition: Definition, states: readonly States[]): void {
  const { item } = definition
  if (item === undefined || featureStates(definition, states.at(-1)!)[item]!.keys.length > 0) return
  const { minCount = 1 } = definition.features[item]!.options
  throw new EnsuiteError(
    'EVENTS_EMPTY',
    `No item '${item}' has ${minCount as number} or more of the events that are learnt from. Lower minCount, or give more events.`,
  )
}
