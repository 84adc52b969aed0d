export { batchFeeds } from './batch-feeds.ts'
export {
  batchDensity,
  planEvaluation,
  planTraining,
  type Batch,
  type BatchPlan,
  type BatchRules,
  type EvaluationOptions,
  type TrainingOptions,
} from './batches.ts'
export { windowLength } from './fill-batch.ts'
export { knownEvents } from './known-events.ts'
export { measuredCount } from './measured-count.ts'
export { itemContent, type ItemContentOptions } from './item-content.ts'
export { fitSplit, type FittedSplit } from './fit-split.ts'
export { planEpochs, type EpochOptions, type EpochPlan, type EpochPlans } from './plan-epoch.ts'
export { isSource, type SessionBlock, type SessionSource } from '../workflow/session-source.ts'
export { selectSessions, sliceSessions, timesOf, type Sessions } from './sessions.ts'
export { digestSessions } from './digest-sessions.ts'
export { preparedWindows, timeWindow, type TimeWindow, type WindowSessions } from './time-windows.ts'
export { windowStarts, type WindowStarts } from './window-starts.ts'
export { firstTarget, timeLeak, type TimeLeak } from './time-leak.ts'
export { splitKinds, splitSessions, type Split } from './splits/split-sessions.ts'
export type { SplitOption, SplitSessions } from './splits/split-kind.ts'
