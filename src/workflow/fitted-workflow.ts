import type { Schema } from '../schema/schema.ts'
import type { EventSource } from '../events/event-source.ts'
import { EnsuiteError } from '../errors.ts'
import { indexState, shown, type State } from '../expressions/index.ts'
import { RESERVED } from '../codes.ts'
import { nearestWord, checkOptions } from '../options.ts'
import { type Definition } from './definition.ts'
import { definitionColumns } from './definition-columns.ts'
import { itemColumn } from './item-feature.ts'
import { definitionToJson, type DefinitionJson } from './definition-json.ts'
import { sessionEncoder, timesOf, type EncodedSession } from './encode-session.ts'
import { spellingCheck } from './check-spelling.ts'
import { checkValues, type Event } from './event-values.ts'
import { featureSchema } from './feature-schema.ts'
import type { States } from './fit-plan.ts'
import { featureStates, modelInputs, type ModelInputs } from './model-inputs.ts'
import type { FeatureTable } from './read-features.ts'
import type { Sessions } from './sessions.ts'
import { hasVocabulary, vocabularyOf, type Vocabulary } from './vocabulary.ts'
import { rememberSchema } from './workflow-behind.ts'
import { createWorkflowPast, type WorkflowPast } from './workflow-past.ts'

/** The version of the JSON that this package writes, and the newest that it reads. */
export const WORKFLOW_VERSION = 1

export interface TransformOptions {
  /** Whether these are the events that it was fitted on, to be trained on; a target encoding then leaves out each event's own fold. Default false. */
  readonly training?: boolean
}

/** What was learnt, put together with what it is for: an immutable value that encodes in Node and in browsers. */
export interface FittedWorkflow {
  readonly definition: Definition
  /** What was learnt, a map a stage, by place in the stage's plan. */
  readonly states: readonly States[]
  /** The column of an event that holds the item; undefined where the workflow names none. */
  readonly itemColumn: string | undefined
  /** The column of an event that holds its time; undefined where the workflow has no times. */
  readonly timeColumn: string | undefined
  /** Throws `COLUMN_INVALID` where `encode` could not read a value of this event, whatever others stand beside it, `COLUMN_MISSING` where one stands under another spelling of its column. */
  checkEvent(event: Event): void
  /** What a model needs to know of the features. */
  readonly schema: ModelInputs
  /** The sessions as a schema of columns with types, tags, domains and shapes, as Merlin's tools read it; `writeSchema` writes it. */
  featureSchema(): Schema
  /** The vocabulary of a `categorify` feature. Throws `OPTION_UNKNOWN` for a name that is none. */
  vocabulary(feature: string): Vocabulary
  /** The sessions of a source as a model reads them. Node only; throws what reading events throws, `OPTION_INVALID` without an item. */
  transform(source: EventSource, options?: TransformOptions): Promise<Sessions>
  /** All features of all events of a source, texts and missing values too. Node only. */
  table(source: EventSource, options?: TransformOptions): Promise<FeatureTable>
  /**
   * The features of one live session, the same as `table` gives; `past`: what features that look at other sessions look at.
   * Throws `OPTION_INVALID` without one where there are such features; `createPast()` is an empty one.
   */
  encode(events: readonly Event[], options?: { readonly past?: WorkflowPast }): EncodedSession
  /** An empty past, to be told of all events as they happen. */
  createPast(): WorkflowPast
  /** A past that was told of all events of a source. Node only; throws what reading events throws. */
  readPast(source: EventSource): Promise<WorkflowPast>
  toJSON(): FittedWorkflowJson
}

export interface FittedWorkflowJson {
  readonly version: number
  readonly definition: DefinitionJson
  /** A list a stage; in it what was learnt, by place in the stage's plan. */
  readonly states: readonly (readonly (readonly [number, State])[])[]
}

export function createFittedWorkflow(definition: Definition, states: readonly States[]): FittedWorkflow {
  const indexed = states.map(
    (stage) => new Map([...stage].map(([place, state]) => [place, indexState(state)] as const)),
  )
  const vocabularies = vocabulariesOf(definition, states.at(-1)!)
  const encodeSession = sessionEncoder(definition, indexed)
  const columns = definitionColumns(definition)
  const checkSpelling = spellingCheck(columns)
  const timeColumn = definition.time?.options['name'] as string | undefined
  const transformOptions = ({
    training = false,
  }: TransformOptions): { readonly states: readonly States[]; readonly training: boolean } => {
    if (typeof training === 'boolean') return { states, training }
    throw new EnsuiteError(
      'OPTION_INVALID',
      `transform: training is true or false, received ${shown(training)}.`,
    )
  }
  const fitted = Object.freeze<FittedWorkflow>({
    definition,
    states,
    itemColumn: definition.item === undefined ? undefined : itemColumn(definition.features[definition.item]!),
    timeColumn,
    checkEvent: (event) => {
      checkSpelling(event)
      checkValues(event, columns)
      if (timeColumn !== undefined) timesOf([event], definition)
    },
    schema: modelInputs(definition, states.at(-1)!),
    featureSchema: () => featureSchema(definition, states.at(-1)!),
    vocabulary: (feature) => {
      const vocabulary = vocabularies.get(feature)?.()
      if (vocabulary !== undefined) return vocabulary
      const nearest = nearestWord(feature, [...vocabularies.keys()])
      throw new EnsuiteError(
        'OPTION_UNKNOWN',
        `Feature '${feature}' has no vocabulary.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`} There are ${[...vocabularies.keys()].join(', ') || 'none'}.`,
      )
    },
    transform: async (source, options = {}) => {
      checkOptions('transform', options, ['training'])
      const { transformToSessions } = await import('./offline.ts')
      return transformToSessions(source, definition, transformOptions(options))
    },
    table: async (source, options = {}) => {
      checkOptions('table', options, ['training'])
      const { transformToTable } = await import('./offline.ts')
      return transformToTable(source, definition, transformOptions(options))
    },
    encode: (events, options = {}) => {
      checkOptions('encode', options, ['past'])
      return encodeSession(events, options.past)
    },
    createPast: () => createWorkflowPast(definition, indexed),
    readPast: async (source) => {
      const { readPast } = await import('./read-past.ts')
      const past = createWorkflowPast(definition, indexed)
      await readPast(source, definition, past)
      return past
    },
    toJSON: () => ({
      version: WORKFLOW_VERSION,
      definition: definitionToJson(definition),
      states: states.map((stage) => [...stage]),
    }),
  })
  rememberSchema(fitted.schema, fitted)
  return fitted
}

/** The vocabulary of each feature that has one, made when it is asked for. */
function vocabulariesOf(definition: Definition, states: States): ReadonlyMap<string, () => Vocabulary> {
  const learnt = featureStates(definition, states)
  return new Map(
    Object.entries(definition.features).flatMap(([name, feature]) => {
      if (!hasVocabulary(feature)) return []
      let vocabulary: Vocabulary | undefined
      const first = RESERVED + ((feature.options['buckets'] ?? 0) as number)
      return [[name, () => (vocabulary ??= vocabularyOf(learnt[name]!, first))] as const]
    }),
  )
}
