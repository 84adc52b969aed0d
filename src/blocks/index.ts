export type { Block, BlockContext } from './block.ts'
export { gpt2, type Gpt2Options } from './gpt2.ts'
export { sasrec, type SasrecOptions } from './sasrec.ts'
