import { EnsuiteError } from '../errors.ts'
import {
  checkSize,
  checkVaries,
  engineFunctions,
  expressions,
  planOf,
  reached,
  shown,
  toExpression,
  type Expression,
  type Functions,
  type Json,
  type Operand,
} from '../expressions/index.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { checkFeatureNames, checkName } from './check-name.ts'
import { itemColumn, withItem } from './item-feature.ts'
import { columnSchema } from '../schema/column-schema.ts'

/** Something that is done to all events before the features are computed, in the order of the list. */
export type StepOptions =
  /**
   * Keeps the events for which this is true. `present(session)` is what allows events of files to have no session, `present(item)` to have no item, also within an `and`;
   * `present(time)` in the first step allows them to have no time.
   */
  | { readonly keep: Expression }
  /** Splits what the session column calls a session (such as a user) where nothing happened for this long. */
  | { readonly splitAfterMs: number }

export interface WorkflowOptions {
  /** Column of the session (or user) that an event belongs to. */
  readonly session: string
  /**
   * What is recommended: a column, the name of a feature, or `category('sku', { minCount: 5 })`. It becomes a feature of the column's name, coded by a vocabulary.
   * Every event must have one. Needed to train on; not to look at sessions only.
   */
  readonly item?: string | Expression
  /** Column of the time: ISO dates, or milliseconds since 1970; `column('ts', 'seconds')` where numbers are seconds. Default: the order of the file. */
  readonly time?: string | Expression
  readonly steps?: readonly StepOptions[]
  /** What becomes of each event: a value a feature, by name. Default: the item alone. */
  readonly features?: Readonly<Record<string, Operand>>
  /**
   * One value a session: what an expression is at the session's last event, such as `sessionMean(price)` or `first(device)`; nothing in it looks ahead.
   * It is in prepared files, tables and encoded sessions; models read features.
   */
  readonly context?: Readonly<Record<string, Operand>>
  /** What the schema says of a feature beside what follows from it: tags such as 'item' or 'user', and properties, by name. */
  readonly schema?: Readonly<Record<string, FeatureNotes>>
  /** What `javascript` nodes call, by name. Functions are not saved: whoever loads the workflow gives them again. */
  readonly functions?: Functions
}

/** Tags and properties of a feature, as in Merlin's schema. */
export interface FeatureNotes {
  readonly tags?: readonly string[]
  readonly properties?: Readonly<Record<string, Json>>
}

/** What a workflow does, as data, before any event is seen. */
export interface Definition {
  readonly session: Expression
  /** The name of the feature that is the item. */
  readonly item?: string
  readonly time?: Expression
  readonly steps: readonly StepOptions[]
  readonly features: Readonly<Record<string, Expression>>
  readonly context: Readonly<Record<string, Expression>>
  readonly schema: Readonly<Record<string, FeatureNotes>>
  /** Not part of what is saved. */
  readonly functions: Functions
}

/** Throws `OPTION_UNKNOWN` or `OPTION_INVALID`. */
export function definition(options: WorkflowOptions): Definition {
  checkOptions('workflow', options, [
    'session',
    'item',
    'time',
    'steps',
    'features',
    'context',
    'schema',
    'functions',
  ])
  const { session, time, steps = [], features: given = {} } = options
  checkName('session', session)
  const timed = time === undefined ? undefined : timeColumn(time)
  checkOptions('workflow: features', given, Object.keys(Object(given) as object))
  const { item, features } = withItem(options.item, given)
  if (Object.keys(features).length === 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `workflow expects an item or one feature or more, received neither. Name the column with item, or give features by name.`,
    )
  if (!isList(steps))
    throw new EnsuiteError('OPTION_INVALID', `steps of workflow is a list, received ${shown(steps)}.`)
  const roles = [
    session,
    ...(item === undefined ? [] : [itemColumn(toExpression(features[item]!))]),
    ...(timed === undefined ? [] : [timed.options['name'] as string]),
  ]
  const both = roles.find((name, at) => roles.indexOf(name) !== at)
  if (both !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `workflow names column '${both}' twice among session, item and time. Name each column once.`,
    )
  const checked = steps.map((step) => checkedStep(step, timed !== undefined))
  const named = Object.entries(features).map(([name, operand]) => [name, toExpression(operand)] as const)
  const sessions = options.context ?? {}
  checkOptions('workflow: context', sessions, Object.keys(Object(sessions) as object))
  const context = Object.entries(sessions).map(([name, operand]) => [name, toExpression(operand)] as const)
  const trees = [
    ...checked.flatMap((step) => ('keep' in step ? [step.keep] : [])),
    ...named.map(([, tree]) => tree),
    ...context.map(([, tree]) => tree),
  ]
  trees.forEach(checkSize)
  const all = [...named, ...context]
  for (const [name, tree] of all) checkVaries(`Feature '${name}'`, tree)
  checkFeatureNames(all.map(([name]) => name))
  checkStreams(trees)
  const { functions = {} } = options
  // Throws for one that is missing, or that nothing calls.
  engineFunctions(trees, functions)
  return Object.freeze({
    session: expressions.column(session, 'text'),
    ...(item !== undefined && { item }),
    ...(timed !== undefined && { time: timed }),
    steps: Object.freeze(checked),
    features: Object.freeze(Object.fromEntries(named)),
    context: Object.freeze(Object.fromEntries(context)),
    schema: checkedNotes(
      options.schema ?? {},
      all.map(([name]) => name),
    ),
    functions,
  })
}

/** Throws `OPTION_UNKNOWN`, `SCHEMA_INVALID` or `TAG_COLLISION`. */
function checkedNotes(
  notes: Readonly<Record<string, FeatureNotes>>,
  features: readonly string[],
): Readonly<Record<string, FeatureNotes>> {
  checkOptions('workflow: schema', notes, features)
  for (const [name, note] of Object.entries(notes)) {
    checkOptions(`workflow: schema of '${name}'`, note, ['tags', 'properties'])
    columnSchema({ name, ...note })
  }
  return Object.freeze({ ...notes })
}

/** Throws `OPTION_INVALID` unless it is the name of a column, or a column that is read as a time. */
function timeColumn(time: unknown): Expression {
  const { op, options } = Object(time) as Partial<Expression>
  if (op === 'column' && (options?.['type'] === 'time' || options?.['type'] === 'seconds'))
    return time as Expression
  checkName('time', time)
  return expressions.column(time as string, 'time')
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
  checkOptions('workflow: a step', step, ['keep', 'splitAfterMs'])
  if (Object.keys(step).length !== 1)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `A step is one of both, { keep: … } or { splitAfterMs: … }, received ${shown(Object.keys(step))}. Write several as a list of steps, in the order in which they are to be done.`,
    )
  if ('keep' in step) {
    const keep = toExpression(step.keep)
    checkVaries("A step's keep", keep)
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

function isList(value: unknown): value is readonly StepOptions[] {
  return Array.isArray(value)
}
