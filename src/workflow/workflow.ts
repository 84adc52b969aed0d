import type { EventSource } from '../events/event-source.ts'
import { checkOptions } from '../options.ts'
import { definitionToJson, type DefinitionJson } from './definition-json.ts'
import { definition, type Definition, type WorkflowOptions } from './definition.ts'
import { checkExtended } from './check-extends.ts'
import type { LearnOptions } from './offline.ts'
import { createFittedWorkflow, type FittedWorkflow } from './fitted-workflow.ts'
import type { Period } from './run-stages.ts'
import type { Sessions } from './sessions.ts'
import type { TrainedEvents } from './trained-events.ts'

export interface FitOptions {
  /** A fitted workflow of the same definition, whose codes stay as they are; new values get new ones behind them. */
  readonly extend?: FittedWorkflow
  /** Learns from the events of this time alone, such as all before the first day of the test. */
  readonly period?: Period
  /** Learns from the first so many events of each session; `fitSplit` makes it from a split. */
  readonly trained?: TrainedEvents
}

export interface FittedSessions {
  readonly fitted: FittedWorkflow
  /** As they are served. */
  readonly sessions: Sessions
  /** As they are trained on: the same value, unless a feature keeps an event's own target out. */
  readonly training: Sessions
}

/** What becomes of events, before any event is seen. */
export interface Workflow {
  readonly definition: Definition
  /** The definition as data: what `JSON.stringify` writes is a config of the command line. Functions of JavaScript are left out. */
  toJSON(): DefinitionJson
  /**
   * Learns vocabularies and statistics from these events and from no others: give the training part. Node only.
   * Throws what reading events throws, `EVENTS_EMPTY` if no item is left to be known, `OPTION_UNKNOWN`, `OPTION_INVALID`.
   */
  fit(source: EventSource, options?: FitOptions): Promise<FittedWorkflow>
  /** `fit`, and the sessions of the same events to train on; the files are read once. */
  fitTransform(source: EventSource, options?: FitOptions): Promise<FittedSessions>
}

/** What becomes of events, as expression trees. Throws `OPTION_UNKNOWN` or `OPTION_INVALID`. */
export function workflow(options: WorkflowOptions): Workflow {
  const defined = definition(options)
  return Object.freeze<Workflow>({
    definition: defined,
    toJSON: () => definitionToJson(defined),
    fit: async (source, given = {}) => {
      const { learn } = await import('./offline.ts')
      return createFittedWorkflow(defined, await learn(source, defined, learning(defined, given)))
    },
    fitTransform: async (source, given = {}) => {
      const { learnAndTransform } = await import('./offline.ts')
      const { states, ...sessions } = await learnAndTransform(source, defined, learning(defined, given))
      return { fitted: createFittedWorkflow(defined, states), ...sessions }
    },
  })
}

function learning(defined: Definition, options: FitOptions): LearnOptions {
  checkOptions('fit', options, ['extend', 'period', 'trained'])
  const { extend, period, trained } = options
  if (extend !== undefined) checkExtended('fit', defined, extend)
  return {
    ...(extend && { previous: extend.states }),
    ...(period && { period }),
    ...(trained && { trained }),
  }
}
