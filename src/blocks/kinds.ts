import type { MaskingKind } from '../masking/index.ts'
import { checkChoice } from '../options.ts'
import { bert, type BertOptions } from './bert.ts'
import type { Block } from './block.ts'
import { gpt2, type Gpt2Options } from './gpt2.ts'
import { sasrec, type SasrecOptions } from './sasrec.ts'
import { xlnet, type XlnetOptions } from './xlnet.ts'

/** Options of a block as they come from a file or a command line: the constructors check names, types and ranges. */
export type UncheckedOptions = Readonly<Record<string, unknown>>

/** Every block by its kind: what artifacts, the command line and the tests go through. A new block has its one line here. */
const kinds = {
  bert: (options: UncheckedOptions) => bert(options as unknown as BertOptions),
  gpt2: (options: UncheckedOptions) => gpt2(options as unknown as Gpt2Options),
  sasrec: (options: UncheckedOptions) => sasrec(options as unknown as SasrecOptions),
  xlnet: (options: UncheckedOptions) => xlnet(options as unknown as XlnetOptions),
} as const satisfies Readonly<Record<string, (options: UncheckedOptions) => Block>>

export type BlockKind = keyof typeof kinds

export const blockKinds = Object.keys(kinds).sort() as readonly BlockKind[]

/**
 * The block of a kind. Throws `OPTION_INVALID`, naming the kinds there are, and what its constructor throws.
 * Which maskings it goes with is not known to the compiler: `model` checks it.
 */
export function blockOfKind(kind: string, options: UncheckedOptions): Block<MaskingKind> {
  checkChoice('block', kind, blockKinds)
  return kinds[kind as BlockKind](options) as Block<MaskingKind>
}
