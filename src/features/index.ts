export {
  embeddingWidth,
  interactions,
  type EventInputs,
  type FeatureSchema,
  type Interactions,
} from './interactions.ts'
