export { crossEntropy, type CrossEntropyOptions } from './cross-entropy.ts'
export type { Head, HeadContext } from './head.ts'
export { nextItem, type NextItemOptions } from './next-item.ts'
