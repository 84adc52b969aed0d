import type { Database, DatabaseOptions } from '../events/database.ts'
import type { EventSource } from '../events/event-source.ts'
import { EnsuiteError } from '../errors.ts'
import { indexState, numberPattern, shown, timePattern, type State } from '../expressions/index.ts'
import { checkOptions } from '../options.ts'
import { checkedStates, invalid } from './checked-states.ts'
import {
  definition,
  definitionFromJson,
  definitionToJson,
  type Definition,
  type DefinitionJson,
  type DefinitionOptions,
} from './definition.ts'
import type { Event } from './encode-events.ts'
import {
  createWorkflowPast,
  encodeSession,
  type EncodedSession,
  type WorkflowPast,
} from './encode-session.ts'
import type { States } from './fit-plan.ts'
import { readFeatures, type FeatureTable } from './read-features.ts'
import { definitionColumns, runStages, type Period } from './run-stages.ts'

/** The version of the JSON that this package writes, and the newest that it reads. */
export const FEATURE_WORKFLOW_VERSION = 1

export interface FeatureWorkflow {
  readonly definition: Definition
  /**
   * Learns vocabularies and statistics from these events and from no others: give the training part.
   * `period`: learns from the events of this time alone, such as all before the first day of the test.
   * `extend`: a fitted workflow of the same definition, whose codes stay as they are; new values get new ones behind them.
   */
  fit(
    source: EventSource,
    options?: { readonly extend?: FittedFeatureWorkflow; readonly period?: Period },
  ): Promise<FittedFeatureWorkflow>
}

export interface FittedFeatureWorkflow {
  readonly definition: Definition
  /** What was learnt, a map a stage, by place in the stage's plan. */
  readonly states: readonly States[]
  /**
   * The features of all events of a source. `training`: whether these are the events that it was fitted on, to be trained on;
   * a target encoding then leaves out each event's own fold.
   */
  transform(source: EventSource, options?: { readonly training?: boolean }): Promise<FeatureTable>
  /** The features of one live session, the same as `transform` gives; `past` for features that look at other sessions. */
  encode(events: readonly Event[], options?: { readonly past?: WorkflowPast }): EncodedSession
  /** An empty past, to be told of all events as they happen. */
  createPast(): WorkflowPast
  toJSON(): FeatureWorkflowJson
}

export interface FeatureWorkflowJson {
  readonly version: number
  readonly definition: DefinitionJson
  /** A list a stage; in it what was learnt, by place in the stage's plan. */
  readonly states: readonly (readonly (readonly [number, State])[])[]
}

/** What becomes of events, as expression trees. Throws `OPTION_UNKNOWN` or `OPTION_INVALID`. */
export function featureWorkflow(options: DefinitionOptions): FeatureWorkflow {
  const defined = definition(options)
  return Object.freeze<FeatureWorkflow>({
    definition: defined,
    fit: async (source, options = {}) => {
      checkOptions('fit', options, ['extend', 'period'])
      const { extend, period } = options
      if (extend !== undefined) checkSame(defined, extend)
      const previous = extend?.states
      const states = await withEvents(source, defined, {}, async (database) => {
        const staged = await runStages(database, defined, {
          training: true,
          ...(previous !== undefined && { previous }),
          ...(period !== undefined && { period }),
        })
        return staged.states
      })
      return fittedFeatureWorkflow(defined, states)
    },
  })
}

/** What was learnt, put together with what it is for. */
export function fittedFeatureWorkflow(defined: Definition, states: readonly States[]): FittedFeatureWorkflow {
  const indexed = states.map(
    (stage) => new Map([...stage].map(([place, state]) => [place, indexState(state)] as const)),
  )
  return Object.freeze<FittedFeatureWorkflow>({
    definition: defined,
    states,
    transform: async (source, options = {}) => {
      checkOptions('transform', options, ['training'])
      const { training = false } = options
      if (typeof training !== 'boolean')
        throw new EnsuiteError(
          'OPTION_INVALID',
          `transform: training is true or false, received ${shown(training)}.`,
        )
      return withEvents(source, defined, {}, async (database) =>
        readFeatures(database, defined, await runStages(database, defined, { states, training })),
      )
    },
    encode: (events, options = {}) => {
      checkOptions('encode', options, ['past'])
      const { past = createWorkflowPast(defined, indexed) } = options
      return encodeSession(events, defined, indexed, past)
    },
    createPast: () => createWorkflowPast(defined, indexed),
    toJSON: () => ({
      version: FEATURE_WORKFLOW_VERSION,
      definition: definitionToJson(defined),
      states: states.map((stage) => [...stage]),
    }),
  })
}

/** The fitted workflow that `toJSON` wrote. Everything is checked: throws `ARTIFACT_INVALID` or `ARTIFACT_TOO_NEW`. */
export function featureWorkflowFromJson(json: unknown): FittedFeatureWorkflow {
  try {
    const parts = json as FeatureWorkflowJson
    checkOptions('workflow', parts, ['version', 'definition', 'states'])
    if (!Number.isInteger(parts.version) || parts.version < 1) throw invalid('version', parts.version)
    if (parts.version > FEATURE_WORKFLOW_VERSION)
      throw new EnsuiteError(
        'ARTIFACT_TOO_NEW',
        `The workflow has version ${parts.version}, this package reads up to ${FEATURE_WORKFLOW_VERSION}. Update the package.`,
      )
    const defined = definition(definitionFromJson(parts.definition))
    return fittedFeatureWorkflow(defined, checkedStates(defined, parts.states))
  } catch (cause) {
    if (cause instanceof EnsuiteError && cause.code.startsWith('ARTIFACT')) throw cause
    throw new EnsuiteError('ARTIFACT_INVALID', `workflow: ${(cause as Error).message}`, { cause })
  }
}

function checkSame(defined: Definition, extended: FittedFeatureWorkflow): void {
  const text = (each: Definition): string => JSON.stringify(definitionToJson(each))
  const { encode } = Object(extended) as { readonly encode?: unknown }
  if (typeof encode === 'function' && text(defined) === text(extended.definition)) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    'fit: extend expects a fitted workflow of the same definition. Fit a changed definition anew.',
  )
}

/** Loads the events that a definition reads and runs `body` on them. */
export async function withEvents<Result>(
  source: EventSource,
  defined: Definition,
  options: DatabaseOptions,
  body: (database: Database) => Promise<Result>,
): Promise<Result> {
  // Loaded when first asked for, so that browsers never load the engine.
  const { withTypedEvents } = await import('../events/typed-events.ts')
  const spelling = { number: numberPattern, time: timePattern }
  return withTypedEvents(source, definitionColumns(defined), { ...options, spelling }, body)
}
