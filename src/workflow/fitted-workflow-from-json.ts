import { EnsuiteError } from '../errors.ts'
import type { Functions } from '../expressions/index.ts'
import { checkOptions } from '../options.ts'
import { checkedStates, invalid } from './checked-states.ts'
import { definition, type Definition } from './definition.ts'
import { definitionFromJson, withFunctions } from './definition-json.ts'
import {
  createFittedWorkflow,
  WORKFLOW_VERSION,
  type FittedWorkflow,
  type FittedWorkflowJson,
} from './fitted-workflow.ts'

/** What is not saved with a workflow. */
export interface LoadOptions {
  /** The functions that its `javascript` nodes call, by name; others may be among them. */
  readonly functions?: Functions
}

/**
 * The fitted workflow that `toJSON` wrote. Everything is checked: throws `ARTIFACT_INVALID`, or `ARTIFACT_TOO_NEW` if a
 * newer version of this package wrote it; `FUNCTION_MISSING` where it calls a function that is not given.
 */
export function fittedWorkflowFromJson(json: unknown, options: LoadOptions = {}): FittedWorkflow {
  checkOptions('fittedWorkflowFromJson', options, ['functions'])
  return checking(() => {
    const parts = json as FittedWorkflowJson
    checkOptions('workflow', parts, ['version', 'definition', 'states'])
    if (!Number.isInteger(parts.version) || parts.version < 1) throw invalid('version', parts.version)
    if (parts.version > WORKFLOW_VERSION)
      throw new EnsuiteError(
        'ARTIFACT_TOO_NEW',
        `The workflow has version ${parts.version}, this package reads up to ${WORKFLOW_VERSION}. Update the package.`,
      )
    const defined = definition(withFunctions(definitionFromJson(parts.definition), options.functions))
    return createFittedWorkflow(defined, checkedStates(defined, parts.states))
  })
}

/** The definition of a workflow alone, which `definitionToJson` wrote. Errors: those of `fittedWorkflowFromJson`. */
export const loadedDefinition = (json: unknown, options: LoadOptions): Definition =>
  checking(() => definition(withFunctions(definitionFromJson(json), options.functions)))

/** What options of code would be told as wrong options is an altered file here. */
function checking<Result>(body: () => Result): Result {
  try {
    return body()
  } catch (cause) {
    if (cause instanceof EnsuiteError && /^(ARTIFACT|FUNCTION)/.test(cause.code)) throw cause
    throw new EnsuiteError('ARTIFACT_INVALID', `workflow: ${(cause as Error).message}`, { cause })
  }
}
