import type { MaskingKind } from '../masking/index.ts'
import { checkChoice } from '../options.ts'
import { bert, bertOptions } from './bert.ts'
import { albert, albertOptions } from './albert.ts'
import { distilbert, distilbertOptions } from './distilbert.ts'
import { electra, electraOptions } from './electra.ts'
import { roberta, robertaOptions } from './roberta.ts'
import type { Block } from './block.ts'
import { gpt2, gpt2Options } from './gpt2.ts'
import { gru } from './gru.ts'
import { hstu, hstuOptions } from './hstu.ts'
import { ligr, ligrOptions } from './ligr.ts'
import { llama, llamaOptions } from './llama.ts'
import { lrurec, lrurecOptions } from './lrurec.ts'
import { longformer, longformerOptions } from './longformer.ts'
import { lstm } from './lstm.ts'
import { mamba2, mamba2Options } from './mamba2.ts'
import { recurrentOptions } from './recurrent-options.ts'
import { sasrec, sasrecOptions } from './sasrec.ts'
import { tisasrec, tisasrecOptions } from './tisasrec.ts'
import { transfoxl, transfoxlOptions } from './transfoxl.ts'
import { xlnet, xlnetOptions } from './xlnet.ts'

/** Options of a block as they come from a file or a command line: the constructors check names, types and ranges. */
export type UncheckedOptions = Readonly<Record<string, unknown>>

interface Kind {
  /** The names of its options. */
  readonly options: readonly string[]
  readonly make: (options: UncheckedOptions) => Block
}

/** Constructors check what they are given. */
const kind = (options: readonly string[], make: (options: never) => Block): Kind => ({
  options,
  make: make as Kind['make'],
})

/** Every block by its kind: what artifacts, the command line and the tests go through. A new block has its one line here. */
const kinds = {
  albert: kind(albertOptions, albert),
  bert: kind(bertOptions, bert),
  distilbert: kind(distilbertOptions, distilbert),
  electra: kind(electraOptions, electra),
  gpt2: kind(gpt2Options, gpt2),
  gru: kind(recurrentOptions, gru),
  hstu: kind(hstuOptions, hstu),
  ligr: kind(ligrOptions, ligr),
  llama: kind(llamaOptions, llama),
  lrurec: kind(lrurecOptions, lrurec),
  longformer: kind(longformerOptions, longformer),
  lstm: kind(recurrentOptions, lstm),
  mamba2: kind(mamba2Options, mamba2),
  roberta: kind(robertaOptions, roberta),
  sasrec: kind(sasrecOptions, sasrec),
  tisasrec: kind(tisasrecOptions, tisasrec),
  transfoxl: kind(transfoxlOptions, transfoxl),
  xlnet: kind(xlnetOptions, xlnet),
} as const satisfies Readonly<Record<string, Kind>>

export type BlockKind = keyof typeof kinds

export const blockKinds = Object.keys(kinds).sort() as readonly BlockKind[]

/** The names of the options of a kind. Throws `OPTION_INVALID`, naming the kinds there are. */
export function blockOptions(kind: string): readonly string[] {
  checkChoice('block', kind, blockKinds)
  return kinds[kind as BlockKind].options
}

/**
 * The block of a kind. Throws `OPTION_INVALID`, naming the kinds there are, and what its constructor throws.
 * Which maskings it goes with is not known to the compiler: `model` checks it.
 */
export function blockOfKind(kind: string, options: UncheckedOptions): Block<MaskingKind> {
  checkChoice('block', kind, blockKinds)
  return kinds[kind as BlockKind].make(options) as Block<MaskingKind>
}
