import { blockKinds, blockOfKind, type Block } from '../blocks/index.ts'
import { EnsuiteError } from '../errors.ts'
import { headKinds, headOfKind, type Head } from '../heads/index.ts'
import { resolveInputs, type Inputs } from '../inputs/index.ts'
import { maskingKinds, maskingOfKind, type Masking } from '../masking/index.ts'
import { model, type Model } from '../model.ts'
import { checkTargets } from '../model/check-heads.ts'
import type { ModelDescription, PartDescription } from './model-description.ts'

type Constructor<Part> = (options: PartDescription['options']) => Part

/** Kind → constructor, which checks its options. */
const blocks: Readonly<Record<string, Constructor<ReturnType<typeof blockOfKind>>>> = Object.fromEntries(
  blockKinds.map((kind) => [kind, (options: PartDescription['options']) => blockOfKind(kind, options)]),
)
const heads: Readonly<Record<string, Constructor<Head>>> = Object.fromEntries(
  headKinds.map((kind) => [kind, (options: PartDescription['options']) => headOfKind(kind, options)]),
)
const maskings: Readonly<Record<string, Constructor<Masking>>> = Object.fromEntries(
  maskingKinds.map((kind) => [kind, (options: PartDescription['options']) => maskingOfKind(kind, options)]),
)

/** A model as data, so that an artifact stands alone. */
export function describeModel({
  schema,
  inputs,
  maxLength,
  masking,
  block,
  heads: all,
}: Model): ModelDescription {
  const part = ({ kind, options }: PartDescription): PartDescription => ({ kind, options: { ...options } })
  return { schema, inputs, maxLength, masking: part(masking), block: part(block), heads: all.map(part) }
}

/** The model that was described. Throws `ARTIFACT_INVALID` for a part that is not known or cannot have these options. */
export function modelFromDescription(description: ModelDescription): Model {
  const { schema, inputs, maxLength } = description
  return described(() =>
    model(schema, {
      inputs,
      masking: construct('masking', maskings, description.masking),
      block: construct('block', blocks, description.block),
      heads: description.heads.map((head) => construct('head', heads, head)),
      maxLength,
      pretrained: 'in-weights',
    }),
  )
}

/** The block alone of the model that was described. Errors: those of `modelFromDescription`. */
export const blockFromDescription = ({ block }: ModelDescription): Block =>
  described(() => construct('block', blocks, block))

/** The inputs of the model that was described, with their defaults. Errors: those of `modelFromDescription`. */
export const inputsFromDescription = ({ schema, inputs }: ModelDescription): Inputs =>
  described(() => resolveInputs(schema, inputs))

/** The heads alone of the model that was described, and the features that are no inputs of it. Errors: those of `modelFromDescription`. */
export const headsFromDescription = ({
  schema,
  inputs,
  heads: descriptions,
}: ModelDescription): { readonly heads: readonly Head[]; readonly leaveOut: readonly string[] } =>
  described(() => {
    const own = descriptions.map((head) => construct('head', heads, head))
    checkTargets(schema, own)
    return { heads: own, leaveOut: resolveInputs(schema, inputs).leaveOut }
  })

function described<Made>(make: () => Made): Made {
  try {
    return make()
  } catch (cause) {
    if (cause instanceof EnsuiteError && cause.code === 'ARTIFACT_INVALID') throw cause
    throw new EnsuiteError(
      'ARTIFACT_INVALID',
      `manifest.json describes a model that cannot be built: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}

function construct<Part>(
  role: string,
  table: Readonly<Record<string, Constructor<Part>>>,
  { kind, options }: PartDescription,
): Part {
  const constructor = Object.hasOwn(table, kind) ? table[kind] : undefined
  if (constructor !== undefined) return constructor(options)
  throw new EnsuiteError(
    'ARTIFACT_INVALID',
    `manifest.json names the ${role} '${kind}', which this version does not have. It has: ${Object.keys(table).join(', ')}. Update the package.`,
  )
}
