import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { definitionToJson } from './definition-json.ts'
import type { FittedWorkflow } from './fitted-workflow.ts'
import { fittedWorkflowFromJson, type LoadOptions } from './fitted-workflow-from-json.ts'
import { WORKFLOW } from './prepared-files.ts'
import type { PreparedManifest } from './prepared-manifest.ts'
import { altered, notThere } from './verified-files.ts'

/** What was learnt, from `workflow.json`: what is taken is what the digest was made of. Throws as reading sessions does. */
export async function readFitted(
  folder: string,
  { definition, files }: PreparedManifest,
  options: LoadOptions,
): Promise<FittedWorkflow> {
  const bytes = await readFile(join(folder, WORKFLOW)).catch(async (cause: unknown): Promise<never> => {
    throw await notThere(folder, WORKFLOW, cause)
  })
  const { sha256 } = files.find(({ path }) => path === WORKFLOW)!
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw altered(folder, WORKFLOW, 'its content is not the one that was written (SHA-256)')
  const fitted = fittedWorkflowFromJson(parsed(folder, bytes.toString('utf8')), options)
  if (JSON.stringify(definitionToJson(fitted.definition)) === JSON.stringify(definition)) return fitted
  throw altered(folder, WORKFLOW, 'it defines other features than prepared.json')
}

function parsed(folder: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw altered(folder, WORKFLOW, 'it is no JSON', cause)
  }
}
