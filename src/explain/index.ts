export {
  createExplainer,
  explainMethods,
  type EventShare,
  type Explainer,
  type ExplainMethod,
  type ExplainOptions,
  type Explanation,
} from './explainer.ts'
export { explainInWorker, type ExplainInWorkerOptions, type WorkerExplainer } from './explain-in-worker.ts'
