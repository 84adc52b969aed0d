import type { FittedWorkflow } from './fitted-workflow.ts'
import type { ModelInputs } from './model-inputs.ts'

const workflows = new WeakMap<object, FittedWorkflow>()

/** Remembers whose schema this is: a model that is made from it reads the codes and numbers of this workflow, and no other's. */
export const rememberSchema = (schema: ModelInputs, fitted: FittedWorkflow): void =>
  void workflows.set(schema, fitted)

/** The fitted workflow whose schema this is; undefined for a schema that was written by hand or read from a file. */
export const workflowBehind = (schema: object): FittedWorkflow | undefined => workflows.get(schema)
