export type { Block, BlockContext } from './block.ts'
export { blockKinds, blockOfKind, type BlockKind, type UncheckedOptions } from './kinds.ts'
export { gpt2, type Gpt2Options } from './gpt2.ts'
export { sasrec, type SasrecOptions } from './sasrec.ts'
