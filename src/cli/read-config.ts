import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import {
  definitionFromJson,
  withFunctions,
  fittedWorkflowFromJson,
  workflow,
  type FittedWorkflow,
  type Workflow,
} from '../workflow/index.ts'
import { importModule } from './import-module.ts'
import { functionsOf } from './read-functions.ts'

/**
 * The workflow of a config: JSON of a definition or of a fitted workflow, which is data; or a module of the user's own that exports `workflow`, which is run.
 * `functions`: the module of what a definition in JSON calls; a module gives its own.
 * Throws `FILE_NOT_FOUND`, `OPTION_INVALID`, `OPTION_UNKNOWN`, `ARTIFACT_INVALID`.
 */
export async function readWorkflowConfig(
  path: string,
  flags: { readonly functions?: string } = {},
): Promise<Workflow | FittedWorkflow> {
  if (extname(path) !== '.json') {
    if (flags.functions === undefined) return fromModule(path)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${path} is a module, whose workflow holds its functions. Leave --functions out.`,
    )
  }
  const functions = await functionsOf(flags)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new EnsuiteError('FILE_NOT_FOUND', `${path} cannot be read: ${(cause as Error).message}.`, {
      cause,
    })
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new EnsuiteError('OPTION_INVALID', `${path} is no JSON: ${(cause as Error).message}.`, { cause })
  }
  if (typeof json === 'object' && json !== null && 'states' in json)
    return fittedWorkflowFromJson(json, functions)
  return workflow(withFunctions(definitionFromJson(json), functions.functions))
}

async function fromModule(path: string): Promise<Workflow | FittedWorkflow> {
  const { workflow: exported } = await importModule(path)
  if (typeof exported === 'object' && exported !== null && 'definition' in exported)
    return exported as Workflow | FittedWorkflow
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${path} exports no workflow. Write: import * as ensuite from 'ensuite', and export const workflow = ensuite.workflow({ … }).`,
  )
}
