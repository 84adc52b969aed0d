import { readArtifact, type Artifact } from '../artifact/index.ts'
import { definitionFromJson, withFunctions, workflow, type Workflow } from '../workflow/index.ts'
import { artifactConfig } from './artifact-config.ts'
import type { Config, ConfigSections, PartConfig } from './config.ts'
import { functionsOf } from './read-functions.ts'

/** An artifact that a training goes on from, and the folder that it was read from. */
export interface StartingArtifact {
  readonly from: string
  readonly artifact: Artifact
}

/** What a training that goes on from an artifact is told by it, where nothing else says it. */
interface WarmConfig extends ConfigSections {
  readonly workflow: Workflow
}

/** The artifact that a flag or a config names to go on from, if one does. Throws what `readArtifact` throws. */
export async function startingArtifact(
  config: Config,
  flags: { readonly warmStart?: string; readonly functions?: string },
): Promise<StartingArtifact | undefined> {
  const from = flags.warmStart ?? config.warmStart
  if (from === undefined) return undefined
  return { from, artifact: await readArtifact(from, await functionsOf(flags)) }
}

/** How an artifact was trained, for the next training: without what its block once started from, and with as many classes as there are then. */
function warmConfig({ artifact }: StartingArtifact): WarmConfig {
  const { workflow: definition, model, split, learnFrom, train } = artifactConfig(artifact)
  const { from: _, ...block } = model!.block!
  const heads = model!.heads!.map(({ kind, options = {} }) => {
    const { classes, ...others } = options
    return { kind: kind!, options: kind === 'multi-class' || classes === undefined ? others : options }
  })
  return {
    workflow: workflow(withFunctions(definitionFromJson(definition), artifact.workflow.definition.functions)),
    ...(split && { split }),
    ...(learnFrom && { learnFrom }),
    model: { ...model, block, heads },
    ...(train && { train }),
  }
}

/** Whose words count beside the artifact's. */
interface Beside {
  /** Whether a prepared folder says the workflow, and what becomes of the events. */
  readonly prepared: boolean
  /** Whether flags name columns. */
  readonly columns: boolean
}

/** A config, with how the artifact was trained where it says nothing: option by option, but for parts of another kind, and heads, which are as the config has them. */
export function withStart(
  config: Config,
  start: StartingArtifact | undefined,
  { prepared, columns }: Beside,
): Config {
  if (start === undefined) return config
  const { workflow: own, split, learnFrom, model, train } = warmConfig(start)
  const optimizer = over(train?.optimizer, config.train?.optimizer, 'kind')
  const schedule = over(train?.schedule, config.train?.schedule, 'decay')
  const averaging = over(train?.averaging, config.train?.averaging)
  return {
    ...(!prepared && { ...(split && { split }), ...(learnFrom && { learnFrom }) }),
    ...(!prepared && !columns && { workflow: own }),
    ...config,
    model: {
      ...model,
      ...config.model,
      inputs: { ...model?.inputs, ...config.model?.inputs },
      masking: partOver(model?.masking, config.model?.masking),
      block: partOver(model?.block, config.model?.block),
    },
    train: {
      ...train,
      ...config.train,
      ...(optimizer && { optimizer }),
      ...(schedule && { schedule }),
      ...(averaging && { averaging }),
    },
  }
}

function partOver(before: PartConfig = {}, own: PartConfig = {}): PartConfig {
  if (own.kind !== undefined && own.kind !== before.kind) return own
  return { ...before, ...own, options: { ...before.options, ...own.options } }
}

/** A section of the training, option by option; one of another kind as it is said. */
function over<Section extends object>(
  before: Section | undefined,
  own: Section | undefined,
  kind?: keyof Section,
): Section | undefined {
  if (before === undefined || own === undefined) return own ?? before
  const isOther = kind !== undefined && own[kind] !== undefined && own[kind] !== before[kind]
  return isOther ? own : { ...before, ...own }
}
