import { RESERVED } from '../codes.ts'
import type { Head } from '../heads/index.ts'
import { itemWidthOf } from '../model/parts.ts'
import type { Manifest } from './manifest.ts'
import type { AnyArtifact } from './saved-baseline.ts'
import { blockFromDescription, headsFromDescription, inputsFromDescription } from './parts.ts'

/** What `recommend.onnx` takes and gives, as the manifest says, or what a baseline does. */
export interface Served {
  /** Inputs that it takes, by name. */
  readonly inputs: readonly string[]
  /** Inputs that it may take: features that are left out of the model's inputs, and perhaps not of its context. */
  readonly optionalInputs: readonly string[]
  /** Columns of its output `scores`: [sessions, items]. 0 where the model has no item head, and it gives none. */
  readonly items: number
  /** Numbers of its output `session`, and of an item's vector. 0 where it has no item head, and of a baseline, which has no vectors. */
  readonly dimensions: number
  readonly heads: readonly ServedHead[]
  /** Whether a score of 0 says nothing of an item: see `Baseline`. Default false. */
  readonly silentAtZero?: boolean
  /** Outputs that it may give: of artifacts before version 4 it gives none. */
  readonly optionalOutputs: readonly string[]
  /** Where items have content: what `new-items.onnx` takes, and what `recommend.onnx` takes and gives of items that it has no embedding of. */
  readonly content?: ServedContent
}

export interface ServedContent {
  /** Width of the vectors of `added`. */
  readonly width: number
  /** By name of the feature: a code, or a number an item. */
  readonly features: Readonly<Record<string, 'code' | 'number'>>
  /** By name: how many numbers an item has. */
  readonly vectors: Readonly<Record<string, number>>
}

/** A head whose predictions are the output `head.<name>`: [sessions], of classes [sessions, classes]. */
export interface ServedHead {
  readonly name: string
  readonly target: string
  readonly classes?: number
}

/** What an artifact of either kind takes and gives. Throws what `servedBy` throws. */
export function servedOf(artifact: AnyArtifact): Served {
  if (!('baseline' in artifact)) return servedBy(artifact.manifest)
  const { baseline, workflow } = artifact
  return {
    inputs: ['items'],
    optionalInputs: [],
    optionalOutputs: [],
    items: workflow.schema.items - RESERVED,
    dimensions: 0,
    heads: [],
    ...(baseline.silentAtZero === true && { silentAtZero: true }),
  }
}

/** Throws `ARTIFACT_INVALID` for heads that cannot be, or do not fit the features. */
export function servedBy({ model }: Manifest): Served {
  const { schema } = model
  const { heads, leaveOut } = headsFromDescription(model)
  const others = heads.filter((head): head is Head & { readonly target: string } => head.target !== undefined)
  const features = [
    ...Object.keys(schema.categorical).map((name) => [name, `categorical.${name}`] as const),
    ...schema.continuous.map((name) => [name, `continuous.${name}`] as const),
  ]
  const named = (optional: boolean): readonly string[] =>
    features.flatMap(([name, input]) => (leaveOut.includes(name) === optional ? [input] : []))
  const block = blockFromDescription(model)
  const inputs = inputsFromDescription(model)
  const itemHead = heads.find((head) => head.target === undefined)
  const hasItems = itemHead !== undefined
  const width = itemWidthOf({ inputs, block })
  return {
    inputs: [
      'items',
      ...named(false),
      ...(block.readsTimes === true ? ['elapsed'] : []),
      ...(inputs.content === undefined ? [] : ['added']),
    ],
    optionalInputs: named(true),
    optionalOutputs: hasItems ? ['session'] : [],
    items: hasItems ? schema.items - RESERVED : 0,
    // A score of an item's own is one number more.
    dimensions: hasItems ? width + (itemHead.options['bias'] === true ? 1 : 0) : 0,
    ...(inputs.content !== undefined && {
      content: {
        width,
        features: Object.fromEntries(
          inputs.content.features.map((name) => [
            name,
            Object.hasOwn(schema.categorical, name) ? 'code' : 'number',
          ]),
        ),
        vectors: inputs.content.vectors,
      },
    }),
    heads: others.map(({ name, target, classes }) => ({
      name,
      target,
      ...(classes !== undefined && { classes }),
    })),
  }
}
