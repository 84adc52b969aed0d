import { EnsuiteError } from '../errors.ts'
import { emit, graph } from '../graph/index.ts'
import type { Model } from '../model.ts'
import type { FittedWorkflow } from '../workflow/index.ts'
import { isRecord, jsonBytes } from './json-checks.ts'
import { type ArtifactFile, FORMAT_VERSION, MANIFEST, type Manifest } from './manifest.ts'
import { encodeManifest } from './manifest-digest.ts'
import { describeModel } from './parts.ts'
import { encodeSafetensors } from './safetensors.ts'
import type { TrainingRecord } from './training-record.ts'

/** What goes into an artifact. */
export interface ArtifactContents {
  readonly model: Model
  /** A value a parameter, by name. */
  readonly weights: Readonly<Record<string, Float32Array>>
  readonly workflow: FittedWorkflow
  readonly metrics?: SavedMetrics
  /** A JSON-safe record an epoch. */
  readonly history?: readonly object[]
  /** How it was trained, JSON-safe: `learnFrom` and options of `train`, as a config of the command line has them. */
  readonly training?: TrainingRecord
  /** For what `train` gives to be spread here; it is kept where it is among the metrics. */
  readonly best?: SavedMetrics['best']
}

/** What training measured, JSON-safe. */
export interface SavedMetrics {
  /** The evaluation of the model, and beside it that of what it has to beat. */
  readonly test: {
    /** The kind of the split and its options. */
    readonly split: { readonly kind: string }
    readonly model: object
    readonly floors?: object
    /** That of the heads that score no items, as `evaluateHeads` gives it. */
    readonly heads?: object
  }
  /** The epoch whose weights were kept. */
  readonly best?: { readonly epoch: number; readonly metric: number } | undefined
}

export interface EncodeOptions {
  readonly createdAt: Date
  readonly packageVersion: string
  readonly sha256: (bytes: Uint8Array) => string
}

/** The files of an artifact, by name, the manifest last. Errors: those of `saveArtifact`. */
export function encodeArtifact(
  contents: ArtifactContents,
  options: EncodeOptions,
): ReadonlyMap<string, Uint8Array> {
  const { model, workflow, metrics, history, training } = contents
  checkWorkflow(model, workflow)
  const weights = checkedWeights(contents)
  const tensors = model.parameters.map(({ name, shape }) => [name, { shape, data: weights[name]! }] as const)
  const metadata = { model: model.block.kind }
  const recommend = emit(graph(model.serving()), { weights, metadata })
  const { content } = model.embeddings()
  const files = new Map<ArtifactFile, Uint8Array>([
    ['recommend.onnx', recommend.bytes],
    [
      'weights.safetensors',
      encodeSafetensors({ tensors: Object.fromEntries(tensors), metadata: { format: 'ensuite' } }),
    ],
    ['workflow.json', jsonBytes('workflow', workflow.toJSON())],
  ])
  if (content !== undefined) files.set('new-items.onnx', emit(content, { weights, metadata }).bytes)
  if (metrics !== undefined) files.set('metrics.json', jsonBytes('metrics', metrics, 2))
  if (history !== undefined) {
    const lines = history.map((each) => jsonBytes('history', each))
    files.set('history.jsonl', Buffer.concat(lines))
  }
  if (training !== undefined) files.set('training.json', jsonBytes('training', training, 2))
  const manifest: Manifest = {
    formatVersion: FORMAT_VERSION,
    packageVersion: options.packageVersion,
    createdAt: options.createdAt.toISOString(),
    model: describeModel(model),
    ...(model.startedFrom !== undefined && { startedFrom: model.startedFrom }),
    files: Object.fromEntries(
      [...files].map(([name, bytes]) => [name, { bytes: bytes.length, sha256: options.sha256(bytes) }]),
    ),
    metrics: numbersOf(metrics?.test.model),
  }
  return new Map([...files, [MANIFEST, encodeManifest(manifest, options.sha256)]])
}

/** The numbers of an evaluation: what a manifest lists. */
export function numbersOf(evaluation: object | undefined): Readonly<Record<string, number>> {
  const entries: readonly (readonly [string, unknown])[] = isRecord(evaluation)
    ? Object.entries(evaluation)
    : []
  return Object.fromEntries(
    entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  )
}

/** The weights of the model's own parameters. What training shares or streams from elsewhere has no place in the file. */
function checkedWeights({ model, weights }: ArtifactContents): Readonly<Record<string, Float32Array>> {
  const entries = model.parameters.map(({ name, shape }) => {
    const values = Object.hasOwn(weights, name) ? weights[name] : undefined
    const expected = shape.reduce((all, dim) => all * dim, 1)
    if (values?.length !== expected)
      throw new EnsuiteError(
        'SHAPE_MISMATCH',
        `Parameter '${name}' expects ${expected} weights, received ${values?.length ?? 'none'}. Give the weights that this model was trained to.`,
      )
    if (!values.every(Number.isFinite))
      throw new EnsuiteError(
        'TRAINING_DIVERGED',
        `The weights of '${name}' are not all finite numbers. Train again with a lower learning rate.`,
      )
    return [name, values] as const
  })
  const extra = Object.keys(weights).find((name) => !model.parameters.some((each) => each.name === name))
  if (extra !== undefined)
    throw new EnsuiteError(
      'SHAPE_MISMATCH',
      `The model has no parameter '${extra}'. Give the weights that this model was trained to.`,
    )
  return Object.fromEntries(entries)
}

function checkWorkflow({ schema }: Model, workflow: FittedWorkflow): void {
  const [expected, found] = [JSON.stringify(schema), JSON.stringify(workflow.schema)]
  if (expected !== found)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `The workflow does not fit the model: it gives ${found}, the model expects ${expected}. Save the workflow that the model's sessions came from.`,
    )
}
