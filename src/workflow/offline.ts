import type { EventSource } from '../events/event-source.ts'
import { EnsuiteError } from '../errors.ts'
import type { Definition } from './definition.ts'
import { featureStates } from './model-inputs.ts'
import type { States } from './fit-plan.ts'
import { readFeatures, type FeatureTable } from './read-features.ts'
import { readSessions } from './read-sessions.ts'
import { runStages, type Period, type StagedEvents } from './run-stages.ts'
import { compileStage } from './stage.ts'
import { stagePlans } from './stage-plans.ts'
import type { Sessions } from './sessions.ts'
import type { TrainedEvents } from './trained-events.ts'
import { withEvents } from './with-events.ts'

/** What a workflow does with files: all that needs the engine, and so Node. Loaded when first asked for. */

export interface LearnOptions {
  readonly previous?: readonly States[]
  readonly period?: Period
  readonly trained?: TrainedEvents
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

/** Learns, and gives the sessions of the same events, as they are served and as they train: the files are read once. */
export const learnAndTransform = (
  source: EventSource,
  definition: Definition,
  options: LearnOptions,
): Promise<{
  readonly states: readonly States[]
  readonly sessions: Sessions
  /** The same where no feature is another one in training. */
  readonly training: Sessions
}> =>
  withEvents(source, definition, {}, async (database) => {
    const staged = await runStages(database, definition, { training: true, ...options })
    checkItems(definition, staged.states)
    const training = await readSessions(database, definition, staged)
    if (!differsInTraining(definition, staged)) return { states: staged.states, sessions: training, training }
    const serving = { ...staged, within: () => ({ ...staged.features, training: false }) }
    return { states: staged.states, sessions: await readSessions(database, definition, serving), training }
  })

/** Whether any feature is computed in another way for events that are trained on. */
function differsInTraining(definition: Definition, { features, states }: StagedEvents): boolean {
  const plan = stagePlans(definition).at(-1)!
  const sql = (training: boolean): string =>
    compileStage(plan, plan.roots, { ...features, training }, states.at(-1)!).from
  return sql(true) !== sql(false)
}

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
