export type { EventInputs, FeatureSchema } from './feature-schema.ts'
export { aggregations } from './aggregations.ts'
export { fuseContext, withContext } from './context.ts'
export { embeddingWidth } from './categorical.ts'
export { interactions, type Interactions } from './interactions.ts'
export type { ContentOptions } from './content-options.ts'
export { contentInput, contentParameter, contentVectors, type ContentColumns } from './content.ts'
export {
  checkInputs,
  resolveInputs,
  type ContextOptions,
  type InputOptions,
  type Inputs,
  type ListOptions,
  type PretrainedOptions,
} from './input-options.ts'
export { keptWidths, type WidthsBefore } from './kept-widths.ts'
export { contentValues, givenValues } from './given-values.ts'
export { pretrainedParameter } from './pretrained.ts'
export { pretrainedTable } from './pretrained-table.ts'
