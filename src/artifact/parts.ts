import { blockKinds, blockOfKind } from '../blocks/index.ts'
import { EnsuiteError } from '../errors.ts'
import { nextItem, type Head } from '../heads/index.ts'
import { causal, type Masking } from '../masking/index.ts'
import { model, type Model } from '../model.ts'
import { checkOptions } from '../options.ts'
import type { ModelDescription, PartDescription } from './manifest.ts'

type Constructor<Part> = (options: PartDescription['options']) => Part

/** Kind → constructor, which checks its options. */
const blocks: Readonly<Record<string, Constructor<ReturnType<typeof blockOfKind>>>> = Object.fromEntries(
  blockKinds.map((kind) => [kind, (options: PartDescription['options']) => blockOfKind(kind, options)]),
)
const heads: Readonly<Record<string, Constructor<Head>>> = {
  'next-item': (options) => nextItem(options),
}
const maskings: Readonly<Record<string, Constructor<Masking>>> = {
  causal: (options) => {
    checkOptions('masking.causal', options, [])
    return causal()
  },
}

/** A model as data, so that an artifact stands alone. */
export function describeModel({ schema, maxLength, masking, block, head }: Model): ModelDescription {
  const part = ({ kind, options }: PartDescription): PartDescription => ({ kind, options: { ...options } })
  return { schema, maxLength, masking: part(masking), block: part(block), head: part(head) }
}

/** The model that was described. Throws `ARTIFACT_INVALID` for a part that is not known or cannot have these options. */
export function modelFromDescription(description: ModelDescription): Model {
  const { schema, maxLength } = description
  try {
    return model(schema, {
      masking: construct('masking', maskings, description.masking),
      block: construct('block', blocks, description.block),
      head: construct('head', heads, description.head),
      maxLength,
    })
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
