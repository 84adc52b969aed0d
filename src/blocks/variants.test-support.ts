import type { MaskingKind } from '../masking/index.ts'
import type { Block } from './block.ts'
import { blockKinds, blockOfKind, blockOptions, type UncheckedOptions } from './kinds.ts'

/** What of these options a kind has. */
export const optionsFor = (kind: string, options: UncheckedOptions): UncheckedOptions =>
  Object.fromEntries(Object.entries(options).filter(([name]) => blockOptions(kind).includes(name)))

/** Options that make another block of one: each value is tried, under a name of its own. */
const alternatives: Readonly<Record<string, readonly (readonly [value: boolean | string, name: string])[]>> =
  {
    bidirectional: [
      [false, ''],
      [true, ' both ways'],
    ],
    preNorm: [
      [false, ''],
      [true, ' with norms first'],
    ],
    global: [
      ['first', ' with the first event global'],
      ['last', ' with the last event global'],
    ],
  }

/** Every block as it is tried: of those that have alternatives, all. */
export const blockVariants = (
  options: UncheckedOptions,
): readonly { readonly name: string; readonly block: Block<MaskingKind> }[] =>
  blockKinds.flatMap((kind) => {
    const option = blockOptions(kind).find((each) => alternatives[each] !== undefined)
    const given = optionsFor(kind, options)
    if (option === undefined) return [{ name: kind, block: blockOfKind(kind, given) }]
    return alternatives[option]!.map(([value, name]) => ({
      name: `${kind}${name}`,
      block: blockOfKind(kind, { ...given, [option]: value }),
    }))
  })
