import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { EnsuiteError } from '../errors.ts'
import {
  definitionFromJson,
  fittedWorkflowFromJson,
  workflow,
  type FittedWorkflow,
  type Workflow,
} from '../workflow/index.ts'

/**
 * The workflow of a config: JSON of a definition or of a fitted workflow, which is data; or a module of the user's own that exports `workflow`, which is run.
 * Throws `FILE_NOT_FOUND`, `OPTION_INVALID`, `OPTION_UNKNOWN`, `ARTIFACT_INVALID`.
 */
export async function readWorkflowConfig(path: string): Promise<Workflow | FittedWorkflow> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new EnsuiteError('FILE_NOT_FOUND', `${path} cannot be read: ${(cause as Error).message}.`, {
      cause,
    })
  })
  if (extname(path) !== '.json') return fromModule(path)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new EnsuiteError('OPTION_INVALID', `${path} is no JSON: ${(cause as Error).message}.`, { cause })
  }
  if (typeof json === 'object' && json !== null && 'states' in json) return fittedWorkflowFromJson(json)
  return workflow(definitionFromJson(json))
}

async function fromModule(path: string): Promise<Workflow | FittedWorkflow> {
  let module: Readonly<Record<string, unknown>>
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    if (cause instanceof EnsuiteError) throw cause
    const advice =
      extname(path) === '.ts' && (cause as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION'
        ? ` Node ${process.versions.node} runs no TypeScript: use Node 22.18 or later, or write it as .mjs.`
        : ''
    throw new EnsuiteError('OPTION_INVALID', `${path} cannot be run: ${(cause as Error).message}.${advice}`, {
      cause,
    })
  }
  const { workflow: exported } = module
  if (typeof exported === 'object' && exported !== null && 'definition' in exported)
    return exported as Workflow | FittedWorkflow
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${path} exports no workflow. Write: import * as ensuite from 'ensuite', and export const workflow = ensuite.workflow({ … }).`,
  )
}
