import { extname } from 'node:path'
import { isRecord, jsonBytes, parseJson } from '../artifact/json-checks.ts'
import { EnsuiteError } from '../errors.ts'
import {
  definitionFromJson,
  withFunctions,
  fittedWorkflowFromJson,
  workflow,
  type FittedWorkflow,
  type Workflow,
} from '../workflow/index.ts'
import { checkConfig, CONFIG_SECTIONS, type Config, type ConfigSections } from './config.ts'
import { importModule } from './import-module.ts'
import { functionsOf } from './read-functions.ts'
import { readJson } from './read-json.ts'

interface FunctionFlags {
  readonly functions?: string
}

/**
 * A config: JSON, which is data, or a module of the user's own, which is run. JSON is a workflow (a definition, or a fitted one), or has the sections of a `Config`;
 * a module exports `workflow`, or `config` with sections, whose parts may be made ones.
 * `functions`: the module of what a definition in JSON calls; a made workflow holds its own.
 * Throws `FILE_NOT_FOUND`, `OPTION_INVALID`, `OPTION_UNKNOWN`, `ARTIFACT_INVALID`.
 */
export async function readConfig(path: string, flags: FunctionFlags = {}): Promise<Config> {
  const found = extname(path) === '.json' ? await readJson(path) : await fromModule(path, flags)
  if (!hasSections(found)) return { workflow: await asWorkflow(path, found, flags) }
  const { workflow: given, ...sections } = found
  checkConfig(path, found)
  return {
    ...(sections as ConfigSections),
    ...(given !== undefined && { workflow: await asWorkflow(path, given, flags) }),
  }
}

/** The workflow of a config; its other sections are not looked at. Throws what `readConfig` throws, and `OPTION_INVALID` where it has none. */
export async function readWorkflowConfig(
  path: string,
  flags: FunctionFlags = {},
): Promise<Workflow | FittedWorkflow> {
  const { workflow: found } = await readConfig(path, flags)
  if (found !== undefined) return found
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${path} has no section 'workflow', which says what becomes of the events. Add one.`,
  )
}

/** Every workflow names a session; a file that has neither that nor a section is told of the sections. */
const hasSections = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isRecord(value) &&
  (CONFIG_SECTIONS.some((name) => Object.hasOwn(value, name)) ||
    !['session', 'states', 'definition', 'features'].some((name) => Object.hasOwn(value, name)))

async function asWorkflow(
  path: string,
  found: unknown,
  flags: FunctionFlags,
): Promise<Workflow | FittedWorkflow> {
  if (isMade(found)) {
    checkHolds(path, flags)
    return found
  }
  const { functions } = await functionsOf(flags)
  if (isRecord(found) && 'states' in found) return fittedWorkflowFromJson(found, functions && { functions })
  return workflow(withFunctions(definitionFromJson(found), functions))
}

const isMade = (value: unknown): value is Workflow | FittedWorkflow =>
  isRecord(value) && typeof (value['fit'] ?? value['encode']) === 'function'

/** A made workflow has its functions in it. */
function checkHolds(path: string, { functions }: FunctionFlags): void {
  if (functions === undefined) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${path} is a module, whose workflow holds its functions. Leave --functions out.`,
  )
}

async function fromModule(path: string, flags: FunctionFlags): Promise<unknown> {
  const { workflow: exported, config } = await importModule(path)
  if (isRecord(config)) {
    const { workflow: own = exported, ...sections } = config
    const json = parseJson(jsonBytes(path, asData(sections))) as object
    return { ...json, ...(own !== undefined && { workflow: own }) }
  }
  checkHolds(path, flags)
  if (isMade(exported)) return exported
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${path} exports no workflow. Write: import * as ensuite from 'ensuite', and export const workflow = ensuite.workflow({ … }), or export const config = { workflow, model: { … }, train: { … } }.`,
  )
}

/** Parts that are made, such as `blocks.sasrec({ … })`, as what they are made from: of a block with weights the folder, too. */
function asData(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asData)
  if (!isRecord(value)) return value
  const { kind, options, weights } = value
  if (Object.values(value).some((each) => typeof each === 'function'))
    return { kind, options, ...(isRecord(weights) && { from: weights['from'] }) }
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asData(each)]))
}
