import { EnsuiteError } from '../errors.ts'
import type { FittedWorkflow } from '../workflow/index.ts'
import {
  altered,
  checkedFiles,
  jsonObject,
  manifestOf,
  type ArtifactFiles,
  type FromFilesOptions,
} from './checked-files.ts'
import { invalid } from './json-checks.ts'
import type { Manifest } from './manifest.ts'

/** A trained model as files: all that recommending, evaluating and training on need. */
export interface Artifact {
  readonly manifest: Manifest
  /** SHA-256 of the file of the manifest, which names the digest of each other file. */
  readonly digest: string
  readonly workflow: FittedWorkflow
  /**
   * The recommendation graph with its weights: codes and numbers [batch, time] in; out `scores` [batch, items − reserved] and `session` [batch, size] of the item head, where the model has
   * one, and `head.<name>` of each other one, [batch] or, of classes, [batch, classes].
   */
  readonly recommendOnnx: Uint8Array
  /** What gives items that come later an embedding: `content.<name>` of each [items] or [items, numbers] in, `vectors` [items, item width] out. Where items have content. */
  readonly newItemsOnnx?: Uint8Array
  /** All parameters by name, as safetensors; see `loadWeights`. */
  readonly weightsFile: Uint8Array
  /** The evaluation as it was saved. */
  readonly metrics?: Readonly<Record<string, unknown>>
  /** The epochs of training as they were saved, in order. */
  readonly history?: readonly Readonly<Record<string, unknown>>[]
  /** How it was trained, as it was saved; of the command line, the sections of its config that the model and the workflow do not say. */
  readonly training?: Readonly<Record<string, unknown>>
}

/**
 * The artifact of a model that these files are, by name; nothing but `files` is read, so that it works wherever they come from.
 *
 * Throws `ARTIFACT_TOO_NEW`, `PATH_ESCAPES`, or `ARTIFACT_INVALID` saying which file and why, and `OPTION_INVALID` for that of a baseline.
 */
export async function artifactFromFiles(
  files: ArtifactFiles,
  options: FromFilesOptions = {},
): Promise<Artifact> {
  const manifest = await manifestOf(files, options)
  if (!('baseline' in manifest)) return modelFromFiles(files, manifest, options)
  throw new EnsuiteError(
    'OPTION_INVALID',
    `This is the artifact of a baseline, ${manifest.baseline.kind}, and that of a model is needed here: a baseline has no graph, weights or vectors. readBaseline reads this one; loadRecommender, createExplainer and ensuite evaluate, inspect, recommend and serve take it, too.`,
  )
}

/** The artifact of a model whose manifest was read. Errors: those of `artifactFromFiles`. */
export async function modelFromFiles(
  files: ArtifactFiles,
  manifest: Manifest,
  options: FromFilesOptions,
): Promise<Artifact> {
  const checked = await checkedFiles(files, manifest, options)
  const workflow = checked.workflow()
  checkSchema(workflow, manifest)
  const newItems = checked.get('new-items.onnx')
  if ((newItems !== undefined) !== 'content' in manifest.model.inputs)
    throw altered('new-items.onnx', 'it is there where items have content, and only there')
  const metrics = checked.object('metrics.json')
  const history = checked.get('history.jsonl')
  const training = checked.object('training.json')
  return {
    manifest,
    digest: checked.digest,
    workflow,
    recommendOnnx: checked.get('recommend.onnx')!,
    weightsFile: checked.get('weights.safetensors')!,
    ...(newItems && { newItemsOnnx: newItems }),
    ...(metrics && { metrics }),
    ...(history && { history: lines('history.jsonl', history) }),
    ...(training && { training }),
  }
}

/** What the workflow gives must be what the model was made for. */
function checkSchema(workflow: FittedWorkflow, { model: { schema } }: Manifest): void {
  const [expected, found] = [JSON.stringify(schema), JSON.stringify(workflow.schema)]
  if (found !== expected)
    throw invalid('workflow.json', `the features and codes of the model, ${expected}`, found)
}

function lines(where: string, bytes: Uint8Array): readonly Readonly<Record<string, unknown>>[] {
  const texts = new TextDecoder().decode(bytes).split('\n')
  return texts
    .filter((line) => line !== '')
    .map((line, at) => jsonObject(`${where}, line ${at + 1}`, new TextEncoder().encode(line)))
}
