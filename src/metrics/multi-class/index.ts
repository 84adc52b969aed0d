export { logLoss } from './log-loss.ts'
export { accuracy, topKAccuracy } from './top-k-accuracy.ts'
