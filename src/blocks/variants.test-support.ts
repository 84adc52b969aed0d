import type { MaskingKind } from '../masking/index.ts'
import type { Block } from './block.ts'
import { blockKinds, blockOfKind, blockOptions, type UncheckedOptions } from './kinds.ts'

/** What of these options a kind has. */
export const optionsFor = (kind: string, options: UncheckedOptions): UncheckedOptions =>
  Object.fromEntries(Object.entries(options).filter(([name]) => blockOptions(kind).includes(name)))

/** Every block as it is tried: of those that may read both ways, both. */
export const blockVariants = (
  options: UncheckedOptions,
): readonly { readonly name: string; readonly block: Block<MaskingKind> }[] =>
  blockKinds.flatMap((kind) =>
    (blockOptions(kind).includes('bidirectional') ? [false, true] : [undefined]).map((bidirectional) => ({
      name: bidirectional === true ? `${kind} both ways` : kind,
      block: blockOfKind(kind, {
        ...optionsFor(kind, options),
        ...(bidirectional !== undefined && { bidirectional }),
      }),
    })),
  )
