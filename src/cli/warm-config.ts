import { readArtifact, type Artifact } from '../artifact/index.ts'
import { definitionFromJson, withFunctions, workflow, type Workflow } from '../workflow/index.ts'
import { artifactConfig } from './artifact-config.ts'
import type { Config, ConfigSections } from './config.ts'
import { functionsOf } from './read-functions.ts'

/** An artifact that a training goes on from, and the folder that it was read from. */
export interface StartingArtifact {
  readonly from: string
  readonly artifact: Artifact
}

/** What a training that goes on from an artifact is told by it, where nothing else says it. */
export interface WarmConfig extends ConfigSections {
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
export function warmConfig({ artifact }: StartingArtifact): WarmConfig {
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
