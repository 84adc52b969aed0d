import {
  checkBaselineRecord,
  checkTrainingRecord,
  type Artifact,
  type SavedBaseline,
} from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { definitionToJson, type DefinitionJson } from '../workflow/definition-json.ts'
import { checkConfig, type ConfigSections } from './config.ts'
import { trainedSplit } from './trained-split.ts'

/** What an artifact keeps beside its model, its workflow and the split that its metrics name: sections of a config, and where its block started. */
export type TrainingRecord = Pick<ConfigSections, 'learnFrom' | 'warmStart' | 'train'> & {
  readonly blockFrom?: string
  /** What was found when leaks were looked for. */
  readonly leakage?: readonly object[]
  /** The digest of the run that trained it. */
  readonly run?: string
}

export interface ArtifactConfig extends ConfigSections {
  readonly workflow: DefinitionJson
}

/**
 * The config that trains the model of an artifact again: the same parts on the same events. An artifact that was saved from code says how it was trained
 * only where it was saved with that. Throws `ARTIFACT_INVALID` for a record of the training that is none.
 */
export function artifactConfig({ manifest, workflow, metrics, training = {} }: Artifact): ArtifactConfig {
  const { schema: _, ...model } = manifest.model
  checked(() => {
    const { blockFrom: from, leakage: _leakage, run: _run, ...sections } = training
    checkTrainingRecord('training.json', training)
    checkConfig('training.json', { ...sections, ...(from !== undefined && { model: { block: { from } } }) })
  })
  const { learnFrom, blockFrom, warmStart, train } = training as TrainingRecord
  return {
    workflow: definitionToJson(workflow.definition),
    ...splitOf(metrics),
    ...(learnFrom && { learnFrom }),
    ...(warmStart !== undefined && { warmStart }),
    model: { ...model, ...(blockFrom !== undefined && { block: { ...model.block, from: blockFrom } }) },
    ...(train && { train }),
  }
}

/** The config that makes a baseline again. Throws as `artifactConfig` does. */
export function baselineConfig({
  manifest: { baseline },
  workflow,
  metrics,
  training = {},
}: SavedBaseline): ArtifactConfig {
  checked(() => {
    const { leakage: _leakage, ...sections } = training
    checkBaselineRecord('training.json', training)
    checkConfig('training.json', sections)
  })
  const { learnFrom, train } = training as TrainingRecord
  return {
    workflow: definitionToJson(workflow.definition),
    ...splitOf(metrics),
    ...(learnFrom && { learnFrom }),
    baseline,
    ...(train && { train }),
  }
}

function splitOf(metrics: Artifact['metrics']): Pick<ConfigSections, 'split'> {
  const split = trainedSplit(metrics)
  return split === undefined || split.kind === 'prepared' ? {} : { split }
}

function checked(check: () => void): void {
  try {
    check()
  } catch (cause) {
    throw new EnsuiteError(
      'ARTIFACT_INVALID',
      `${(cause as Error).message} Restore the folder from where it was saved.`,
      { cause },
    )
  }
}
