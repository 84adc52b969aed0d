export {
  apartByHeads,
  attention,
  dotProducts,
  headWidthOf,
  HIDDEN,
  togetherByHeads,
  weightedSum,
  type AttentionOptions,
} from './attention.ts'

export { bertEmbeddings } from './bert-embeddings.ts'
export { aroundAttention, bertLayer, type BertLayerOptions } from './bert-layer.ts'
export { dropout } from './dropout.ts'
export { embedding, LARGE_TABLE, table, type EmbeddingOptions } from './embedding.ts'
export { eventsBack } from './events-back.ts'
export { feedForward, type FeedForwardOptions } from './feed-forward.ts'
export { gatedFeedForward, type GatedFeedForwardOptions } from './gated-feed-forward.ts'
export { gru } from './gru.ts'
export { drawn, initialise, normal, ones, uniform, zeros, type Initializer } from './initializers.ts'
export { linear, linears, type LinearOptions } from './linear.ts'
export { linearRecurrence, type LinearRecurrence } from './linear-recurrence.ts'
export { lstm } from './lstm.ts'
export { norm, rootNorm } from './norm.ts'
export { placesBack, TIME_BUCKETS, timeBuckets } from './pairs.ts'
export { recurrentStack, withinSessions, type RecurrentLayer } from './recurrent.ts'
export { rotate, rotation, type Rotation } from './rotary.ts'
export {
  distances,
  relativeAttention,
  relativeBiases,
  relativeContext,
  type RelativeAttentionInputs,
  type RelativeBiases,
} from './relative-attention.ts'
export {
  rootScope,
  type Draw,
  type Mask,
  type Mode,
  type Negatives,
  type NegativesDraw,
  type NegativesOptions,
  type Parameter,
  type RootScope,
  type Scope,
} from './scope.ts'
export { globalAttention, windowedBias } from './windowed-attention.ts'
