import type { AnyArtifact } from '../artifact/index.ts'
import { headsFromDescription } from '../artifact/parts.ts'
import type { Predictions } from '../recommend/predictions.ts'
import type { FittedWorkflow } from '../workflow/index.ts'
import { featureStates } from '../workflow/model-inputs.ts'

/**
 * The predictions of amounts that are normalised, by head, in the unit of their column; null where there is none, as the feature is more than a column that was normalised by
 * mean and deviation.
 */
export function ownUnits(
  predictions: Predictions,
  artifact: AnyArtifact,
): Readonly<Record<string, number | null>> {
  if ('baseline' in artifact) return {}
  const { workflow, manifest } = artifact
  const found = headsFromDescription(manifest.model).heads.flatMap(({ kind, name, target }) => {
    const predicted = predictions[name]
    if (kind !== 'regression' || typeof predicted !== 'number') return []
    const { op } = workflow.definition.features[target!]!
    return op === 'normalize' || op === 'minMax'
      ? [[name, inUnit(predicted, target!, workflow)] as const]
      : []
  })
  return Object.fromEntries(found)
}

function inUnit(predicted: number, feature: string, { definition, states }: FittedWorkflow): number | null {
  const { op, inputs } = definition.features[feature]!
  if (op !== 'normalize' || inputs[0]!.op !== 'column') return null
  const { mean, deviation } = featureStates(definition, states.at(-1)!)[feature]!.totals
  if (typeof mean !== 'number') return null
  // As `normalize` divides: by 1 where all values are the same.
  return predicted * (typeof deviation === 'number' && deviation !== 0 ? deviation : 1) + mean
}
