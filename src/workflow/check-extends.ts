import { EnsuiteError } from '../errors.ts'
import { shown } from '../expressions/index.ts'
import { definitionToJson } from './definition-json.ts'
import type { Definition } from './definition.ts'
import type { FittedWorkflow } from './fitted-workflow.ts'
import { featureStates } from './model-inputs.ts'
import { keyName } from './vocabulary.ts'

/** Whether two definitions say the same. */
export const isSameDefinition = (one: Definition, other: Definition): boolean =>
  JSON.stringify(definitionToJson(one)) === JSON.stringify(definitionToJson(other))

/** Throws `OPTION_INVALID` unless this is a fitted workflow of the definition, which can be extended. `where`: what asks. */
export function checkExtended(where: string, definition: Definition, extended: FittedWorkflow): void {
  const { encode, states } = Object(extended) as { readonly encode?: unknown; readonly states?: unknown }
  if (typeof encode === 'function') {
    if (isSameDefinition(definition, extended.definition)) return
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}: extend expects a fitted workflow of the same definition, received one of another. Fit a changed definition anew.`,
    )
  }
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${where}: extend expects a fitted workflow, received ${states === undefined ? shown(extended) : 'its JSON. Read it with fittedWorkflowFromJson'}.`,
  )
}

/**
 * Throws `OPTION_INVALID` unless every code of `before` stands for the same in `fitted`: it is of the same definition, and its vocabularies begin with those of `before`, as those of
 * `fit(events, { extend: before })` do. `where`: what asks.
 */
export function checkExtends(where: string, fitted: FittedWorkflow, before: FittedWorkflow): void {
  const refused = (why: string): EnsuiteError =>
    new EnsuiteError(
      'OPTION_INVALID',
      `${where}: ${why}. Fit it with { extend: artifact.workflow }, or prepare it with --extend.`,
    )
  if (!isSameDefinition(fitted.definition, before.definition))
    throw refused('the workflow has another definition than that of the artifact')
  const [now, old] = [fitted, before].map(({ definition, states }) =>
    featureStates(definition, states.at(-1)!),
  )
  for (const name of Object.keys(before.definition.features)) {
    // Nothing else that is learnt is behind a code.
    if (!Object.hasOwn(old![name]!.columns, 'code')) continue
    const keys = now![name]!.keys
    const differs = old![name]!.keys.find((key, at) => JSON.stringify(key) !== JSON.stringify(keys[at]))
    if (differs !== undefined)
      throw refused(
        `'${keyName(differs)}' of '${name}' has another code in the workflow than in the artifact, or none`,
      )
  }
}
