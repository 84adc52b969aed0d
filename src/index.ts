/** The whole public API, in the order of the walk that the data takes. */

// events → workflow → sessions
export type { EventFormat, EventSource } from './events/index.ts'
export {
  inferSchema,
  readSchema,
  writeSchema,
  type ColumnSchema,
  type InferredColumn,
  type InferredSchema,
  type Schema,
} from './schema/index.ts'
export * as schemas from './schema/index.ts'
export {
  fittedWorkflowFromJson,
  workflow,
  type EncodedSession,
  type Event,
  type FeatureTable,
  type FitOptions,
  type FittedSessions,
  type FittedWorkflow,
  type ModelInputs,
  type Vocabulary,
  type Workflow,
  type WorkflowOptions,
  type WorkflowPast,
} from './workflow/index.ts'
export { expressions as features, type Expression } from './expressions/index.ts'
export { dropLowCardinality } from './workflow/drop-low-cardinality.ts'
export { readLookup, type LookupColumns, type LookupTable } from './workflow/read-lookup.ts'
export { prepare, type Prepared, type PrepareOptions } from './workflow/prepare.ts'
export { openPrepared, type PreparedFolder } from './workflow/prepared-sessions.ts'
export type { PaddedSessions, PaddingOptions } from './workflow/read-padded.ts'
export {
  fitSplit,
  itemContent,
  preparedWindows,
  splitSessions,
  timeLeak,
  timeWindow,
  type FittedSplit,
  type Sessions,
  type SessionSource,
  type Split,
  type SplitSessions,
  type TimeLeak,
  type TimeWindow,
  type WindowStarts,
  type WindowSessions,
} from './data/index.ts'

export { checkLeakage, type LeakageInput, type LeakFinding } from './leakage/index.ts'

// features → masking → block → head
export { model, type Model, type ModelOptions } from './model.ts'
export type { WarmStart } from './model/warm-start.ts'
export {
  pretrainedTable,
  type ContentOptions,
  type ContextOptions,
  type FeatureSchema,
  type InputOptions,
  type ListOptions,
  type PretrainedOptions,
} from './inputs/index.ts'
export * as masking from './masking/index.ts'
export * as blocks from './huggingface/blocks.ts'
export * as heads from './heads/index.ts'
export { preset, presetNames, type Preset, type PresetName } from './presets/index.ts'

// train, evaluate
export {
  checkpointWeights,
  fitAndEvaluate,
  train,
  type AveragingOptions,
  type CheckpointOptions,
  type EpochRecord,
  type EvaluationRecord,
  type FittedOverTime,
  type OptimizerOptions,
  type PartOptions,
  type ScheduleOptions,
  type Trained,
  type TrainingCallback,
  type TrainingEnd,
  type TrainingStart,
  type TrainOptions,
  type UpdateRecord,
  type WindowOptions,
  type WindowRecord,
} from './train/index.ts'
export {
  tune,
  type Distribution,
  type Measured,
  type Search,
  type SearchSpace,
  type Settings,
  type Trial,
  type TrialRecord,
  type Tuned,
  type TuneOptions,
} from './tune/index.ts'
export {
  evaluateHeads,
  evaluateRanking,
  floors,
  itemCategories,
  itemVectors,
  modelScorer,
  type BeyondOptions,
  type FeatureSlices,
  type HeadResult,
  type HeadsOptions,
  type HeadsResult,
  type FloorsOptions,
  type RankingOptions,
  type RankingResult,
  type Scorer,
  type SessionRanks,
  type Slice,
  type SliceOption,
  type Slices,
} from './evaluate/index.ts'
export * as runs from './runs/index.ts'
export type { Run, RunEvaluation, RunEvent, RunFolderOptions, RunRecord } from './runs/index.ts'
export * as metrics from './metrics/index.ts'
export * as baselines from './baselines/index.ts'
export type { Baseline, FittedBaseline } from './baselines/index.ts'

// artifact, recommender
export {
  fitBaseline,
  loadModel,
  readArtifact,
  readBaseline,
  saveArtifact,
  saveBaseline,
  warmStart,
  type Artifact,
  type BaselineContents,
  type SavedBaseline,
} from './artifact/index.ts'
export { loadEmbedder, type Embedder, type Embeddings } from './embeddings/index.ts'
export {
  loadRecommender,
  type NewItem,
  type RecommendedItem,
  type Recommendations,
  type Recommender,
  type RecommendOptions,
  type RuleTrace,
  type ShopOptions,
  type SimilarItems,
  type SimilarOptions,
  type SimilarTo,
} from './recommend/index.ts'
export {
  createExplainer,
  type Explainer,
  type ExplainMethod,
  type ExplainOptions,
  type Explanation,
} from './explain/index.ts'

// shops
export {
  catalogueFrom,
  createCatalogue,
  recentPopularity,
  type Catalogue,
  type CatalogueItem,
  type CatalogueSnapshot,
  type ItemAttributeType,
  type RecentPopularity,
} from './catalogue/index.ts'
export { checkRules, type ItemVectors, type RuleName, type Rules, type Source } from './rules/index.ts'

// where graphs run
export { nodeRuntime } from './graph/node.ts'
export type { Device, Runtime, RuntimeOptions } from './graph/index.ts'
export { EnsuiteError, errorCodes, type ErrorCode } from './errors.ts'
