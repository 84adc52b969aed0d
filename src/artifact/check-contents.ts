import { EnsuiteError } from '../errors.ts'
import { shown } from '../expressions/index.ts'
import { checkOptions } from '../options.ts'
import type { Model } from '../model.ts'
import { workflowBehind, type FittedWorkflow } from '../workflow/index.ts'
import type { ArtifactContents } from './encode-artifact.ts'
import { isRecord } from './json-checks.ts'
import { checkTrainingRecord } from './training-record.ts'

/**
 * Throws `OPTION_INVALID` unless these are contents of an artifact that can be read again, with the workflow that the model was made from, `OPTION_UNKNOWN` for a name that is none. Whether the parts
 * fit each other is checked where they are encoded.
 */
export function checkContents(contents: ArtifactContents): void {
  checkOptions('saveArtifact: contents', contents, [
    'model',
    'weights',
    'workflow',
    'metrics',
    'history',
    'training',
    'best',
  ])
  const { model, weights, workflow, metrics, history, training } = contents as Partial<
    Record<keyof ArtifactContents, unknown>
  >
  const { parameters, recommendation } = Object(model) as Readonly<Record<string, unknown>>
  if (!Array.isArray(parameters) || typeof recommendation !== 'function')
    throw expected('model', 'the model that was trained', model)
  if (!isRecord(weights)) throw expected('weights', 'its weights by name, as train gives them', weights)
  const strange = Object.keys(weights).find((name) => !(weights[name] instanceof Float32Array))
  if (strange !== undefined)
    throw expected(`weights['${strange}']`, 'a Float32Array, as train gives it', weights[strange])
  checkWorkflow(workflow, 'saveArtifact')
  checkOwnWorkflow(model as Model, workflow as FittedWorkflow)
  if (metrics !== undefined) checkMetrics(metrics, 'saveArtifact')
  if (history !== undefined && !(Array.isArray(history) && history.every(isRecord)))
    throw expected('history', 'a list of records, one an epoch', history)
  if (training !== undefined) checkTrainingRecord('saveArtifact: training', training as object)
}

/** Throws `OPTION_INVALID` unless this is a time. */
export function checkCreatedAt(createdAt: unknown, caller = 'saveArtifact'): void {
  if (createdAt instanceof Date && !Number.isNaN(createdAt.getTime())) return
  throw expected('createdAt', 'a Date that exists, such as new Date()', createdAt, caller)
}

/** Throws `OPTION_INVALID` unless this is a fitted workflow. */
export function checkWorkflow(workflow: unknown, caller: string): void {
  if (typeof (Object(workflow) as { readonly toJSON?: unknown }).toJSON === 'function') return
  throw expected('workflow', 'the fitted workflow that its sessions came from', workflow, caller)
}

/** Throws `OPTION_INVALID` where the model was made from the schema of a workflow that learnt something else: codes of one mean other items in the other. */
function checkOwnWorkflow({ schema }: Model, workflow: FittedWorkflow): void {
  const own = workflowBehind(schema)
  if (own === undefined || own === workflow || JSON.stringify(own) === JSON.stringify(workflow)) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    'saveArtifact: workflow is another one than the model was made from, and its codes and numbers would mean something else. Give the fitted workflow whose schema the model has.',
  )
}

/** Throws `OPTION_INVALID` unless these are `SavedMetrics`. */
export function checkMetrics(metrics: unknown, caller: string): void {
  const { test } = Object(metrics) as { readonly test?: unknown }
  const { split, model } = Object(test) as Readonly<Record<string, unknown>>
  if (isRecord(model) && isRecord(split) && typeof split['kind'] === 'string') return
  throw expected('metrics', '{ test: { split: { kind }, model } }, as SavedMetrics says', metrics, caller)
}

const expected = (where: string, what: string, received: unknown, caller = 'saveArtifact'): EnsuiteError =>
  new EnsuiteError('OPTION_INVALID', `${caller}: ${where} must be ${what}, received ${shown(received)}.`)
