export { attention, type AttentionOptions } from './attention.ts'
export { dropout } from './dropout.ts'
export { embedding, table, type EmbeddingOptions } from './embedding.ts'
export { feedForward, type FeedForwardOptions } from './feed-forward.ts'
export { initialise, normal, ones, uniform, zeros, type Initializer } from './initializers.ts'
export { linear, type LinearOptions } from './linear.ts'
export { norm } from './norm.ts'
export {
  rootScope,
  type Draw,
  type Mask,
  type Mode,
  type Parameter,
  type RootScope,
  type Scope,
} from './scope.ts'
