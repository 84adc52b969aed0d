import { EnsuiteError } from '../errors.ts'
import { checkOptions } from '../options.ts'
import { checkedStates, invalid } from './checked-states.ts'
import { definition } from './definition.ts'
import { definitionFromJson } from './definition-json.ts'
import {
  createFittedWorkflow,
  WORKFLOW_VERSION,
  type FittedWorkflow,
  type FittedWorkflowJson,
} from './fitted-workflow.ts'

/**
 * The fitted workflow that `toJSON` wrote. Everything is checked: throws `ARTIFACT_INVALID`, or `ARTIFACT_TOO_NEW` if a
 * newer version of this package wrote it.
 */
export function fittedWorkflowFromJson(json: unknown): FittedWorkflow {
  try {
    const parts = json as FittedWorkflowJson
    checkOptions('workflow', parts, ['version', 'definition', 'states'])
    if (!Number.isInteger(parts.version) || parts.version < 1) throw invalid('version', parts.version)
    if (parts.version > WORKFLOW_VERSION)
      throw new EnsuiteError(
        'ARTIFACT_TOO_NEW',
        `The workflow has version ${parts.version}, this package reads up to ${WORKFLOW_VERSION}. Update the package.`,
      )
    const defined = definition(definitionFromJson(parts.definition))
    return createFittedWorkflow(defined, checkedStates(defined, parts.states))
  } catch (cause) {
    if (cause instanceof EnsuiteError && cause.code.startsWith('ARTIFACT')) throw cause
    throw new EnsuiteError('ARTIFACT_INVALID', `workflow: ${(cause as Error).message}`, { cause })
  }
}
