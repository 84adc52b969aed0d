import { EnsuiteError } from '../errors.ts'
import { createFittedWorkflow, type FittedWorkflow, WORKFLOW_VERSION } from './fitted-workflow.ts'
import { createVocabulary, type Vocabulary } from './vocabulary.ts'
import {
  type ResolvedWorkflowOptions,
  resolveWorkflowOptions,
  type WorkflowOptions,
} from './workflow-options.ts'

/**
 * The fitted workflow that `toJSON` wrote. Everything is checked: throws `ARTIFACT_INVALID`, or `ARTIFACT_TOO_NEW` if a
 * newer version of this package wrote it.
 */
export function fittedWorkflowFromJson(json: unknown): FittedWorkflow {
  const { version, options, vocabularies } = fields('workflow', json, ['version', 'options', 'vocabularies'])
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw invalid('workflow.version', 'a whole number from 1', version)
  }
  if (version > WORKFLOW_VERSION) {
    throw new EnsuiteError(
      'ARTIFACT_TOO_NEW',
      `The workflow has version ${version}, this package reads up to ${WORKFLOW_VERSION}. Update the package.`,
    )
  }
  const resolved = resolvedOptions(options)
  const columns = [resolved.item, ...resolved.categorical]
  const parts = fields('workflow.vocabularies', vocabularies, columns)
  return createFittedWorkflow(
    resolved,
    Object.fromEntries(
      columns.map((name) => [name, vocabularyOf(`workflow.vocabularies['${name}']`, parts[name])]),
    ),
  )
}

function resolvedOptions(options: unknown): ResolvedWorkflowOptions {
  if (!isRecord(options)) throw invalid('workflow.options', 'an object', options)
  try {
    // The cast is what the call checks: names, types and ranges.
    return resolveWorkflowOptions(options as unknown as WorkflowOptions)
  } catch (cause) {
    throw new EnsuiteError('ARTIFACT_INVALID', `workflow.options: ${(cause as Error).message}`, { cause })
  }
}

function vocabularyOf(where: string, part: unknown): Vocabulary {
  const { values, counts } = fields(where, part, ['values', 'counts'])
  if (!isArrayOf(values, (value) => typeof value === 'string' && value !== '')) {
    throw invalid(`${where}.values`, 'a list of strings that are not empty', values)
  }
  if (new Set(values).size !== values.length) {
    throw invalid(`${where}.values`, 'every value once', values)
  }
  if (!isArrayOf(counts, (count) => Number.isInteger(count) && (count as number) >= 0)) {
    throw invalid(`${where}.counts`, 'a list of whole numbers from 0', counts)
  }
  if (counts.length !== values.length) {
    throw invalid(`${where}.counts`, `one count for each of the ${values.length} values`, counts)
  }
  return createVocabulary(
    Object.freeze([...values] as readonly string[]),
    Object.freeze([...counts] as readonly number[]),
  )
}

/** The fields of an object that has exactly these. */
function fields(where: string, value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  const good =
    isRecord(value) &&
    Object.keys(value).length === names.length &&
    names.every((name) => Object.hasOwn(value, name))
  if (!good) throw invalid(where, `an object with ${names.join(', ')}, and nothing else`, value)
  return value
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isArrayOf(value: unknown, good: (element: unknown) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && value.every(good)
}

function invalid(where: string, expected: string, received: unknown): EnsuiteError {
  const text = received === undefined ? 'nothing' : JSON.stringify(received)
  return new EnsuiteError(
    'ARTIFACT_INVALID',
    `${where} expects ${expected}, received ${text.length > 80 ? `${text.slice(0, 80)}…` : text}. Save the workflow again.`,
  )
}
