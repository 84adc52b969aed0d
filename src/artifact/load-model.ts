import { EnsuiteError } from '../errors.ts'
import type { Model } from '../model.ts'
import { checkGiven } from '../options.ts'
import type { FittedWorkflow } from '../workflow/index.ts'
import type { Artifact } from './artifact.ts'
import { altered } from './checked-files.ts'
import { modelFromDescription } from './parts.ts'
import { decodeSafetensors } from './safetensors.ts'

/** A model with what it was saved with. */
export interface LoadedModel {
  readonly model: Model
  /** A value a parameter, by name. */
  readonly weights: Readonly<Record<string, Float32Array>>
  readonly workflow: FittedWorkflow
}

const WEIGHTS = 'weights.safetensors'

/** Throws `OPTION_INVALID` for what is no artifact of a model. */
export const checkArtifact = (where: string, artifact: unknown): void =>
  checkGiven(where, artifact, {
    what: 'the artifact of a model, as readArtifact gives it',
    isGood: (Object(artifact) as Partial<Artifact>).weightsFile instanceof Uint8Array,
  })

/**
 * Rebuilds the model of an artifact and its weights, to evaluate them; recommending needs no more than `recommendOnnx`.
 * Throws `OPTION_INVALID` for what is no artifact, `ARTIFACT_INVALID` for a part that this version does not have and for weights that are not the model's.
 */
export function loadModel(artifact: Artifact): LoadedModel {
  checkArtifact('loadModel', artifact)
  const { tensors } = decodeSafetensors(artifact.weightsFile, WEIGHTS)
  const count = Object.keys(tensors).length
  // Every layer has weights: a number that no file could back would have a graph built without end.
  const layers = artifact.manifest.model.block.options['layers']
  if (typeof layers === 'number' && layers > count)
    throw new EnsuiteError(
      'ARTIFACT_INVALID',
      `manifest.json describes ${layers} layers, but '${WEIGHTS}' holds ${count} tensors in all. Restore the folder from where it was saved.`,
    )
  const model = modelFromDescription(artifact.manifest.model)
  const weights = model.parameters.map(({ name, shape }) => {
    const found = Object.hasOwn(tensors, name) ? tensors[name] : undefined
    if (found?.shape.join() !== shape.join())
      throw altered(
        WEIGHTS,
        `'${name}' should have the shape [${shape.join(', ')}] and ${found === undefined ? 'is missing' : `has [${found.shape.join(', ')}]`}`,
      )
    return [name, found.data] as const
  })
  if (weights.length !== count) {
    const extra = Object.keys(tensors).find((name) => !model.parameters.some((each) => each.name === name))
    throw altered(WEIGHTS, `it holds '${extra ?? ''}', which the model does not have`)
  }
  return { model, weights: Object.fromEntries(weights), workflow: artifact.workflow }
}
