export { atThreshold, type ThresholdMetrics } from './at-threshold.ts'
export { auc } from './auc.ts'
export { logLoss } from './log-loss.ts'
