import { EnsuiteError } from '../errors.ts'
import {
  calledFunctions,
  fromJson,
  toExpression,
  toJson,
  type ExpressionJson,
  type Functions,
} from '../expressions/index.ts'
import { checkOptions } from '../options.ts'
import type { Definition, FeatureNotes, StepOptions, WorkflowOptions } from './definition.ts'

export interface DefinitionJson {
  readonly session: string
  readonly item?: string
  /** The name of its column, or the column where it is read in another way. */
  readonly time?: string | ExpressionJson
  readonly steps: readonly ({ readonly keep: ExpressionJson } | { readonly splitAfterMs: number })[]
  readonly features: Readonly<Record<string, ExpressionJson>>
  readonly context?: Readonly<Record<string, ExpressionJson>>
  readonly schema?: Readonly<Record<string, FeatureNotes>>
}

export const definitionToJson = (definition: Definition): DefinitionJson => {
  const { session, item, time, steps, features, context, schema } = definition
  return {
    session: session.options['name'] as string,
    ...(item !== undefined && { item }),
    ...(time !== undefined && {
      time: time.options['type'] === 'time' ? (time.options['name'] as string) : toJson(time),
    }),
    steps: steps.map((step) => ('keep' in step ? { keep: toJson(step.keep) } : step)),
    features: mapped(features, toJson),
    ...(Object.keys(context).length > 0 && { context: mapped(context, toJson) }),
    ...(Object.keys(schema).length > 0 && { schema }),
  }
}

/** The options of the definition that `definitionToJson` wrote; everything is checked. Throws `OPTION_UNKNOWN` or `OPTION_INVALID`. */
export function definitionFromJson(json: unknown): WorkflowOptions {
  const options = json as WorkflowOptions & {
    readonly time?: unknown
    readonly steps?: unknown
    readonly features?: unknown
    readonly context?: unknown
  }
  checkOptions('workflow', options, ['session', 'item', 'time', 'steps', 'features', 'context', 'schema'])
  const { steps = [], features = {}, context = {} } = options
  if (!Array.isArray(steps) || !isObject(features) || !isObject(context))
    throw new EnsuiteError(
      'OPTION_INVALID',
      'A workflow has steps, a list, and features and context, objects.',
    )
  return {
    ...options,
    ...(isObject(options.time) && { time: fromJson(options.time) }),
    steps: (steps as readonly Record<string, unknown>[]).map((step) =>
      'keep' in Object(step) ? { ...step, keep: fromJson(step['keep']) } : (step as unknown as StepOptions),
    ),
    features: mapped(features, fromJson),
    context: mapped(context, fromJson),
  }
}

/**
 * A definition with those of some functions that it calls: a module of functions may serve several workflows.
 * What is missing is missed where the workflow is made.
 */
export function withFunctions(options: WorkflowOptions, functions: Functions | undefined): WorkflowOptions {
  if (functions === undefined) return options
  const { steps = [], features = {}, context = {} } = options
  const called = calledFunctions([
    ...steps.flatMap((step) => ('keep' in step ? [step.keep] : [])),
    ...[...Object.values(features), ...Object.values(context)].map((value) => toExpression(value)),
  ])
  return {
    ...options,
    functions: Object.fromEntries(Object.entries(functions).filter(([name]) => called.has(name))),
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const mapped = <From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Readonly<Record<string, To>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
