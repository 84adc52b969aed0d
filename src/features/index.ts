export {
  embeddingWidth,
  interactions,
  type CodeInputs,
  type FeatureSchema,
  type Interactions,
} from './interactions.ts'
