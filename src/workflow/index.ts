export type { EncodedEvents, Event } from './encode-events.ts'
export type { FittedWorkflow, FittedWorkflowJson } from './fitted-workflow.ts'
export { fittedWorkflowFromJson } from './fitted-workflow-from-json.ts'
export type { Sessions } from './sessions.ts'
export type { Vocabulary } from './vocabulary.ts'
export { workflow, type Workflow } from './workflow.ts'
export type { WorkflowOptions } from './workflow-options.ts'

export { definitionFromJson, type DefinitionOptions, type StepOptions } from './definition.ts'
export {
  featureWorkflow,
  featureWorkflowFromJson,
  type FeatureWorkflow,
  type FittedFeatureWorkflow,
} from './feature-workflow.ts'
export type { EncodedSession, WorkflowPast } from './encode-session.ts'
export type { FeatureTable } from './read-features.ts'
