import { EnsuiteError } from '../errors.ts'
import type { Functions } from '../expressions/index.ts'
import { fittedWorkflowFromJson, type FittedWorkflow } from '../workflow/index.ts'
import { invalid, isRecord, parseJson } from './json-checks.ts'
import { type ArtifactFile, MANIFEST, type Manifest } from './manifest.ts'
import { type Sha256, verifiedManifest } from './manifest-digest.ts'

/** A trained model as files: all that recommending, evaluating and training on need. */
export interface Artifact {
  readonly manifest: Manifest
  /** Of the manifest, and so of all files: 64 hexadecimal digits. */
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
 * The artifact that these files are, by name; nothing but `files` is read, so that it works wherever they come from.
 *
 * Throws `ARTIFACT_TOO_NEW`, `PATH_ESCAPES`, or `ARTIFACT_INVALID` saying which file and why.
 */
export async function artifactFromFiles(
  files: ReadonlyMap<string, Uint8Array>,
  { sha256 = webSha256, functions }: { readonly sha256?: Sha256; readonly functions?: Functions } = {},
): Promise<Artifact> {
  const { manifest, digest } = await verifiedManifest(present(files, MANIFEST), sha256)
  const whole = async (name: ArtifactFile): Promise<Uint8Array> => {
    const { bytes, sha256: expected } = manifest.files[name]!
    const file = present(files, name)
    if (file.length !== bytes) throw altered(name, `it should have ${bytes} bytes and has ${file.length}`)
    const found = await sha256(file)
    if (found !== expected) throw altered(name, `its SHA-256 should be ${expected} and is ${found}`)
    return file
  }
  const checked = new Map<string, Uint8Array>()
  for (const name of Object.keys(manifest.files) as ArtifactFile[]) checked.set(name, await whole(name))
  const workflow = readWorkflow(checked.get('workflow.json')!, manifest, functions && { functions })
  const newItems = checked.get('new-items.onnx')
  if ((newItems !== undefined) !== 'content' in manifest.model.inputs)
    throw altered('new-items.onnx', 'it is there where items have content, and only there')
  const metrics = checked.get('metrics.json')
  const history = checked.get('history.jsonl')
  const training = checked.get('training.json')
  return {
    manifest,
    digest,
    workflow,
    recommendOnnx: checked.get('recommend.onnx')!,
    weightsFile: checked.get('weights.safetensors')!,
    ...(newItems && { newItemsOnnx: newItems }),
    ...(metrics && { metrics: object('metrics.json', metrics) }),
    ...(history && { history: lines('history.jsonl', history) }),
    ...(training && { training: object('training.json', training) }),
  }
}

/** By the Web Crypto API, which browsers have on secure pages (https, localhost) only. */
async function webSha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The workflow; what it gives must be what the model was made for. */
function readWorkflow(
  bytes: Uint8Array,
  { model: { schema } }: Manifest,
  options: { readonly functions?: Functions } | undefined,
): FittedWorkflow {
  const workflow = fittedWorkflowFromJson(object('workflow.json', bytes), options)
  const expected = JSON.stringify(schema)
  const found = JSON.stringify(workflow.schema)
  if (found === expected) return workflow
  throw invalid('workflow.json', `the features and codes of the model, ${expected}`, found)
}

function present(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const file = files.get(name)
  if (file === undefined) throw altered(name, 'it is missing')
  return file
}

/** The error for a file that is not what was saved. */
export function altered(name: string, why: string): EnsuiteError {
  return new EnsuiteError(
    'ARTIFACT_INVALID',
    `File '${name}' of the artifact is not what was saved: ${why}. Restore the folder from where it was saved, or train again.`,
  )
}

function object(where: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const value = parseJson(bytes)
  if (!isRecord(value)) throw invalid(where, 'a JSON object', value ?? 'something else')
  return value
}

function lines(where: string, bytes: Uint8Array): readonly Readonly<Record<string, unknown>>[] {
  const texts = new TextDecoder().decode(bytes).split('\n')
  return texts
    .filter((line) => line !== '')
    .map((line, at) => object(`${where}, line ${at + 1}`, new TextEncoder().encode(line)))
}
