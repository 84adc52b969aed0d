import { RESERVED } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import { planOf, type Expression } from '../expressions/index.ts'
import { checkGiven, checkNumber, checkOptions } from '../options.ts'
import { definition, type Definition } from './definition.ts'
import type { States } from './fit-plan.ts'
import { createFittedWorkflow, type FittedWorkflow } from './fitted-workflow.ts'
import { stagePlans } from './stage-plans.ts'
import { hasVocabulary } from './vocabulary.ts'

/**
 * The fitted workflow without the categorical features, never the item, whose vocabulary has fewer than `min` values (default 2): a model learns nothing
 * from a feature that is the same for all events. Buckets of unknown values count as values; what has no vocabulary, such as `hashBucket` or a weekday, stays.
 *
 * What was learnt for the other features stays as it is, so that their codes and numbers do. Differs from NVTabular's `DropLowCardinality`, which
 * looks at the schema alone, and so drops an item, too.
 * Throws `OPTION_UNKNOWN`, and `OPTION_INVALID` for a `min` that is no whole number from 1, or where no feature is left.
 */
export function dropLowCardinality(
  fitted: FittedWorkflow,
  options: { readonly min?: number } = {},
): FittedWorkflow {
  const isGood = 'states' in (Object(fitted) as object)
  checkGiven('dropLowCardinality', fitted, { what: 'a fitted workflow', isGood })
  checkOptions('dropLowCardinality', options, ['min'])
  const { min = 2 } = options
  checkNumber('dropLowCardinality: min', min, { integer: true, min: 1 })
  const { definition: old } = fitted
  const names = Object.keys(old.features)
  const dropped = names.filter((name) => {
    return (
      hasVocabulary(old.features[name]!) && name !== old.item && fitted.vocabulary(name).size - RESERVED < min
    )
  })
  if (dropped.length === 0) return fitted
  if (dropped.length === names.length)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `dropLowCardinality: no feature has ${min} or more values (${dropped.join(', ')}), and none would be left. Lower min, or give the workflow an item.`,
    )
  const kept = withoutFeatures(old, dropped)
  return createFittedWorkflow(kept, movedStates(old, kept, fitted.states))
}

function withoutFeatures(old: Definition, dropped: readonly string[]): Definition {
  const { session, item, time, steps, context } = old
  const others = <Value>(record: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !dropped.includes(name)))
  const features = others(old.features)
  const trees: readonly Expression[] = [
    ...steps.flatMap((step) => ('keep' in step ? [step.keep] : [])),
    ...Object.values(features),
    ...Object.values(context),
  ]
  const called = new Set(
    planOf(trees).nodes.flatMap(({ expression: { op, options } }) =>
      op === 'javascript' ? [options['name']] : [],
    ),
  )
  return definition({
    session: session.options['name'] as string,
    ...(item !== undefined && { item }),
    ...(time !== undefined && { time }),
    steps,
    features,
    context,
    schema: others(old.schema),
    // A definition takes no function that nothing calls.
    functions: Object.fromEntries(Object.entries(old.functions).filter(([name]) => called.has(name))),
  })
}

/** The states of the features' plan by place in the new plan; those of the steps, which stay as they are, before them. */
function movedStates(old: Definition, kept: Definition, states: readonly States[]): readonly States[] {
  const before = stagePlans(old)
    .at(-1)!
    .nodes.map(({ expression }) => expression)
  const after = stagePlans(kept)
    .at(-1)!
    .nodes.map(({ expression }) => expression)
  // Equal expressions have one place: behind the old nodes, which are a plan already, nothing is added.
  const places = planOf([...before, ...after]).roots.slice(before.length)
  const learnt = states.at(-1)!
  const moved = places.flatMap((place, at) => {
    const state = learnt.get(place)
    return state === undefined ? [] : [[at, state] as const]
  })
  return [...states.slice(0, -1), new Map(moved)]
}
