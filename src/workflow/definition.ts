import { EnsuiteError } from '../errors.ts'
import {
  checkSize,
  expressions,
  fromJson,
  planOf,
  reached,
  shown,
  toExpression,
  toJson,
  type Expression,
  type ExpressionJson,
  type Operand,
} from '../expressions/index.ts'
import { checkNumber, checkOptions } from '../options.ts'

/** Something that is done to all events before the features are computed, in the order of the list. */
export type StepOptions =
  /** Keeps the events for which this is true. */
  | { readonly keep: Expression }
  /** Splits what the session column calls a session (such as a user) where nothing happened for this long. */
  | { readonly splitAfterMs: number }

export interface DefinitionOptions {
  /** Column of the session (or user) that an event belongs to. */
  readonly session: string
  /** Column of the time: ISO dates, or milliseconds since 1970. Default: the order of the file. */
  readonly time?: string
  readonly steps?: readonly StepOptions[]
  /** What becomes of each event: a value a feature, by name. */
  readonly features: Readonly<Record<string, Operand>>
}

/** What a workflow does, as data, before any event is seen. */
export interface Definition {
  readonly session: Expression
  readonly time?: Expression
  readonly steps: readonly StepOptions[]
  readonly features: Readonly<Record<string, Expression>>
}

export interface DefinitionJson {
  readonly session: string
  readonly time?: string
  readonly steps: readonly ({ readonly keep: ExpressionJson } | { readonly splitAfterMs: number })[]
  readonly features: Readonly<Record<string, ExpressionJson>>
}

/** Throws `OPTION_UNKNOWN` or `OPTION_INVALID`. */
export function definition(options: DefinitionOptions): Definition {
  checkOptions('workflow', options, ['session', 'time', 'steps', 'features'])
  const { session, time, steps = [], features } = options
  checkName('session', session)
  if (time !== undefined) checkName('time', time)
  const given: unknown = features
  checkOptions('workflow: features', features, Object.keys(given ?? {}))
  if (Object.keys(features).length === 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `features of workflow expects one feature or more, by name, received none.`,
    )
  if (!isList(steps))
    throw new EnsuiteError('OPTION_INVALID', `steps of workflow is a list, received ${shown(steps)}.`)
  const checked = steps.map((step) => checkedStep(step, time !== undefined))
  const named = Object.entries(features).map(([name, operand]) => [name, toExpression(operand)] as const)
  const trees = [
    ...checked.flatMap((step) => ('keep' in step ? [step.keep] : [])),
    ...named.map(([, tree]) => tree),
  ]
  trees.forEach(checkSize)
  checkStreams(trees)
  return Object.freeze({
    session: expressions.column(session, 'text'),
    ...(time !== undefined && { time: expressions.column(time, 'time') }),
    steps: Object.freeze(checked),
    features: Object.freeze(Object.fromEntries(named)),
  })
}

/** What looks at all sessions is told of events one by one, so it cannot look at what depends on their session. */
function checkStreams(trees: readonly Expression[]): void {
  const plan = planOf(trees)
  for (const { operator, inputs } of plan.nodes) {
    if (operator.scope !== 'stream') continue
    const inner = [...reached(plan, inputs)].find((place) => plan.nodes[place]!.operator.scope !== 'event')
    if (inner === undefined) continue
    throw new EnsuiteError(
      'OPTION_INVALID',
      `'${operator.name}' cannot look at '${plan.nodes[inner]!.operator.name}', which depends on other events. Give it columns, or what is computed from one event alone.`,
    )
  }
}

function checkedStep(step: StepOptions, timed: boolean): StepOptions {
  checkOptions('workflow: a step', step, 'keep' in Object(step) ? ['keep'] : ['splitAfterMs'])
  if ('keep' in step) {
    const keep = toExpression(step.keep)
    if (keep.type === 'boolean') return Object.freeze({ keep })
    throw new EnsuiteError(
      'OPTION_INVALID',
      `A step's keep expects a truth value, such as not(repeatsLast(item)), received a ${keep.type}.`,
    )
  }
  checkNumber('workflow: splitAfterMs', step.splitAfterMs, { above: 0 })
  if (timed) return Object.freeze({ ...step })
  throw new EnsuiteError(
    'OPTION_INVALID',
    'splitAfterMs needs times: name the column with time, or leave the step out.',
  )
}

function checkName(role: string, name: unknown): void {
  if (typeof name === 'string' && name !== '') return
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${role} of workflow must be the name of a column, received ${shown(name)}.`,
  )
}

function isList(value: unknown): value is readonly StepOptions[] {
  return Array.isArray(value)
}

export const definitionToJson = ({ session, time, steps, features }: Definition): DefinitionJson => ({
  session: session.options['name'] as string,
  ...(time !== undefined && { time: time.options['name'] as string }),
  steps: steps.map((step) => ('keep' in step ? { keep: toJson(step.keep) } : step)),
  features: Object.fromEntries(Object.entries(features).map(([name, each]) => [name, toJson(each)])),
})

/** The options of the definition that `definitionToJson` wrote; everything is checked. Throws `OPTION_UNKNOWN` or `OPTION_INVALID`. */
export function definitionFromJson(json: unknown): DefinitionOptions {
  const options = json as DefinitionOptions & { readonly steps: unknown; readonly features: unknown }
  checkOptions('workflow', options, ['session', 'time', 'steps', 'features'])
  if (
    !Array.isArray(options.steps) ||
    typeof options.features !== 'object' ||
    (options.features as unknown) === null
  )
    throw new EnsuiteError('OPTION_INVALID', 'A workflow has steps, a list, and features, an object.')
  return {
    ...options,
    steps: (options.steps as readonly Record<string, unknown>[]).map((step) =>
      'keep' in Object(step) ? { ...step, keep: fromJson(step['keep']) } : (step as unknown as StepOptions),
    ),
    features: Object.fromEntries(
      Object.entries(options.features as Record<string, unknown>).map(([name, each]) => [
        name,
        fromJson(each),
      ]),
    ),
  }
}
