import { RESERVED } from '../codes.ts'
import type { Head } from '../heads/index.ts'
import type { Manifest } from './manifest.ts'
import { blockFromDescription, headsFromDescription } from './parts.ts'

/** What `recommend.onnx` takes and gives, as the manifest says. */
export interface Served {
  /** Inputs that it takes, by name. */
  readonly inputs: readonly string[]
  /** Inputs that it may take: features that are left out of the model's inputs, and perhaps not of its context. */
  readonly optionalInputs: readonly string[]
  /** Columns of its output `scores`: [sessions, items]. 0 where the model has no item head, and it gives none. */
  readonly items: number
  readonly heads: readonly ServedHead[]
}

/** A head whose predictions are the output `head.<name>`: [sessions], of classes [sessions, classes]. */
export interface ServedHead {
  readonly name: string
  readonly target: string
  readonly classes?: number
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
  return {
    inputs: [
      'items',
      ...named(false),
      ...(blockFromDescription(model).readsTimes === true ? ['elapsed'] : []),
    ],
    optionalInputs: named(true),
    items: others.length < heads.length ? schema.items - RESERVED : 0,
    heads: others.map(({ name, target, classes }) => ({
      name,
      target,
      ...(classes !== undefined && { classes }),
    })),
  }
}
