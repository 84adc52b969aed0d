import type { Artifact } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkOptions } from '../options.ts'
import { definitionToJson, type DefinitionJson } from '../workflow/definition-json.ts'
import { checkConfig, type ConfigSections } from './config.ts'
import { trainedSplit } from './trained-split.ts'

/** The sections of a config that an artifact keeps beside its model, its workflow and the split that its metrics name. */
export type TrainingRecord = Pick<ConfigSections, 'learnFrom' | 'train'>

export interface ArtifactConfig extends ConfigSections {
  readonly workflow: DefinitionJson
}

/**
 * The config that trains the model of an artifact again: the same parts on the same events. An artifact that was saved from code says how it was trained
 * only where it was saved with that. Throws `ARTIFACT_INVALID` for a record of the training that is none.
 */
export function artifactConfig({ manifest, workflow, metrics, training = {} }: Artifact): ArtifactConfig {
  const { schema: _, ...model } = manifest.model
  const split = trainedSplit(metrics)
  try {
    checkOptions('training.json', training, ['learnFrom', 'train'])
    checkConfig('training.json', training)
  } catch (cause) {
    throw new EnsuiteError(
      'ARTIFACT_INVALID',
      `${(cause as Error).message} Restore the folder from where it was saved.`,
      { cause },
    )
  }
  const { learnFrom, train } = training as TrainingRecord
  return {
    workflow: definitionToJson(workflow.definition),
    ...(split !== undefined && split.kind !== 'prepared' && { split }),
    ...(learnFrom && { learnFrom }),
    model,
    ...(train && { train }),
  }
}
