export { crossEntropy, type CrossEntropyOptions } from './cross-entropy.ts'
export type { Head, HeadStates, HeadTargets, ItemHead, SessionStates } from './head.ts'
export { headKinds, headOfKind } from './kinds.ts'
export { nextItem, type NextItemOptions } from './next-item.ts'
