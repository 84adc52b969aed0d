import { EnsuiteError } from '../errors.ts'
import { fromJson, toJson, type ExpressionJson } from '../expressions/index.ts'
import { checkOptions } from '../options.ts'
import type { Definition, FeatureNotes, StepOptions, WorkflowOptions } from './definition.ts'

export interface DefinitionJson {
  readonly session: string
  readonly item?: string
  readonly time?: string
  readonly steps: readonly ({ readonly keep: ExpressionJson } | { readonly splitAfterMs: number })[]
  readonly features: Readonly<Record<string, ExpressionJson>>
  readonly schema?: Readonly<Record<string, FeatureNotes>>
}

export const definitionToJson = (definition: Definition): DefinitionJson => {
  const { session, item, time, steps, features, schema } = definition
  return {
    session: session.options['name'] as string,
    ...(item !== undefined && { item }),
    ...(time !== undefined && { time: time.options['name'] as string }),
    steps: steps.map((step) => ('keep' in step ? { keep: toJson(step.keep) } : step)),
    features: Object.fromEntries(Object.entries(features).map(([name, each]) => [name, toJson(each)])),
    ...(Object.keys(schema).length > 0 && { schema }),
  }
}

/** The options of the definition that `definitionToJson` wrote; everything is checked. Throws `OPTION_UNKNOWN` or `OPTION_INVALID`. */
export function definitionFromJson(json: unknown): WorkflowOptions {
  const options = json as WorkflowOptions & { readonly steps?: unknown; readonly features?: unknown }
  checkOptions('workflow', options, ['session', 'item', 'time', 'steps', 'features', 'schema'])
  const { steps = [], features = {} } = options
  if (!Array.isArray(steps) || typeof features !== 'object' || (features as unknown) === null)
    throw new EnsuiteError('OPTION_INVALID', 'A workflow has steps, a list, and features, an object.')
  return {
    ...options,
    steps: (steps as readonly Record<string, unknown>[]).map((step) =>
      'keep' in Object(step) ? { ...step, keep: fromJson(step['keep']) } : (step as unknown as StepOptions),
    ),
    features: Object.fromEntries(
      Object.entries(features as Record<string, unknown>).map(([name, each]) => [name, fromJson(each)]),
    ),
  }
}
