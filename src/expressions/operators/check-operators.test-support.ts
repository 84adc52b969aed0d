import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event } from '../../workflow/event-values.ts'
import type { FittedWorkflow } from '../../workflow/fitted-workflow.ts'
import { fittedWorkflowFromJson } from '../../workflow/fitted-workflow-from-json.ts'
import { workflow as createWorkflow } from '../../workflow/workflow.ts'
import { stagePlans } from '../../workflow/stage-plans.ts'
import * as builders from '../build.ts'
import { fromJson, toJson, type Expression, type ExpressionJson } from '../expression.ts'
import type { Functions } from '../functions.ts'
import type { State } from '../operator.ts'
import { columnsOf, planOf, reached } from '../plan.ts'
import type { Value } from '../value.ts'

/** Raw values by column; `session` is 's' where it is left out. */
export type RowEvent = Readonly<Record<string, string | number | boolean | null>>

export interface OperatorRow {
  /** The name of the record of an operator in the expression, the one that the row is about, and what is special about this row. */
  readonly operator: string
  readonly name: string
  /** The function of `build.ts` that makes the expression, where it is not called as the operator is. */
  readonly builder?: keyof typeof builders
  readonly expression: Expression
  readonly events: readonly RowEvent[]
  /** Worked out by hand, a value an event. */
  readonly expected: readonly Value[]
  /** What is fitted on; the events themselves when left out. */
  readonly fitOn?: readonly RowEvent[]
  /** What the fit is extended with. */
  readonly extendOn?: readonly RowEvent[]
  /** What its `javascript` nodes call. */
  readonly functions?: Functions
  /** What the operator learns. */
  readonly state?: State
  /** What the events that were fitted on become while training. */
  readonly training?: readonly Value[]
}

const { column } = builders
export const text = column('text', 'text')
export const other = column('other', 'text')
export const x = column('x', 'number')
export const y = column('y', 'number')
export const flag = column('flag', 'boolean')
export const mark = column('mark', 'boolean')
export const time = column('time', 'time')

/** Events from columns: a list of values each. */
export function of(columns: Readonly<Record<string, RowEvent[string][]>>): readonly RowEvent[] {
  const length = Math.max(...Object.values(columns).map((values) => values.length))
  return Array.from({ length }, (_, at) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[at] ?? null])),
  )
}

/** A state of totals alone, or of keys alone. */
export const totals = (values: State['totals']): State => ({ keys: [], columns: {}, totals: values })
export const keyed = (keys: State['keys'], columns: State['columns'], own: State['totals'] = {}): State => ({
  keys,
  columns,
  totals: own,
})

/** What the rows become, by their place. */
export interface RowResults {
  readonly offline: readonly Value[]
  readonly online: readonly Value[]
  readonly training: readonly Value[]
  /** Of the row's operator, the outermost one. */
  readonly state: State | undefined
}

/**
 * Runs rows together in one workflow: each has columns and sessions of its own, and what is missing to it teaches it nothing.
 * Rows that extend their fit are told apart by the caller: `extended` takes all of them through a second fit.
 * Throws an error that names the row that cannot be run.
 */
export async function runRows(
  rows: readonly OperatorRow[],
  options: { readonly extended: boolean },
): Promise<readonly RowResults[]> {
  try {
    return await runTogether(rows, options)
  } catch (cause) {
    if (rows.length > 1) for (const row of rows) await runRows([row], options)
    const [{ operator, name }] = rows as [OperatorRow]
    const says = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      rows.length === 1
        ? `The row '${operator}: ${name}' cannot be run: ${says}`
        : `These rows cannot be run together, though each can alone: ${says}`,
      { cause },
    )
  }
}

async function runTogether(
  rows: readonly OperatorRow[],
  { extended }: { readonly extended: boolean },
): Promise<readonly RowResults[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ensuite-operators-'))
  try {
    const trees = rows.map(({ expression }, at) => renamed(expression, at))
    // Every column is in every file, if only as a missing value.
    const none = Object.fromEntries(columnsOf(planOf(trees)).map(({ name }) => [name, null]))
    const write = (name: string, events: readonly (readonly RowEvent[])[]): Written => {
      const path = join(folder, `${name}.jsonl`)
      const own = events.map((each, at) => each.map((event) => renamedEvent(event, at)))
      writeFileSync(
        path,
        [{ ...none, session: 'none' }, ...own.flat()].map((event) => JSON.stringify(event)).join('\n'),
      )
      return { source: { path }, own }
    }
    const functions: Functions = Object.fromEntries(
      rows.flatMap((row) => Object.entries(row.functions ?? {})),
    )
    const workflow = createWorkflow({
      session: 'session',
      features: Object.fromEntries(trees.map((tree, at) => [`f${at}`, tree])),
      functions,
    })
    const fitOn = write(
      'fit',
      rows.map((row) => row.fitOn ?? row.events),
    )
    let fitted = await workflow.fit(fitOn.source)
    if (extended) {
      const more = write(
        'more',
        rows.map((row) => row.extendOn ?? []),
      )
      fitted = await workflow.fit(more.source, { extend: fitted })
    }
    const events = write(
      'events',
      rows.map((row) => row.events),
    )
    const offline = await fitted.table(events.source)
    const training = await fitted.table(fitOn.source, { training: true })
    const saved = fittedWorkflowFromJson(JSON.parse(JSON.stringify(fitted)), { functions })
    return rows.map((row, at) => ({
      offline: valuesOf(offline, events, at),
      training: valuesOf(training, fitOn, at),
      online: encoded(saved, events.own[at]!, at),
      state: stateOf(fitted, row, at),
    }))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Written {
  readonly source: { readonly path: string }
  readonly own: readonly (readonly RowEvent[])[]
}

function valuesOf(
  table: Awaited<ReturnType<FittedWorkflow['table']>>,
  { own }: Written,
  at: number,
): readonly Value[] {
  const start = 1 + own.slice(0, at).flat().length
  const byRow = new Map([...table.rows].map((row, index) => [row, table.features[`f${at}`]![index]!]))
  return own[at]!.map((_, index) => byRow.get(start + index)!)
}

/** Session by session, with the past told of all events. */
function encoded(fitted: FittedWorkflow, own: readonly RowEvent[], at: number): readonly Value[] {
  const events = own.map(
    (event) => Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null)) as Event,
  )
  const past = fitted.createPast()
  for (const event of events) past.observe(event)
  const values: Value[] = []
  for (const session of new Set(events.map((event) => event['session']))) {
    const places = [...events.keys()].filter((place) => events[place]!['session'] === session)
    const { features } = fitted.encode(
      places.map((place) => events[place]!),
      { past },
    )
    for (const [index, place] of places.entries()) values[place] = features[`f${at}`]![index]!
  }
  return values
}

function stateOf(fitted: FittedWorkflow, row: OperatorRow, at: number): State | undefined {
  const plan = stagePlans(fitted.definition).at(-1)!
  const place = [...reached(plan, [plan.roots[at]!])].find(
    (each) => plan.nodes[each]!.operator.name === row.operator,
  )
  return fitted
    .toJSON()
    .states.at(-1)!
    .find(([each]) => each === place)?.[1]
}

const renamedEvent = ({ session = 's', ...values }: RowEvent, at: number): RowEvent => ({
  session: `${at}/${String(session)}`,
  ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`${at}/${name}`, value])),
})

/** The same tree over columns of the row's own; by JSON, as it is saved. */
function renamed(expression: Expression, at: number): Expression {
  const rename = ({ op, inputs = [], options = {} }: ExpressionJson): ExpressionJson => ({
    op,
    inputs: inputs.map(rename),
    options:
      op === 'column' && options['name'] !== 'session'
        ? { ...options, name: `${at}/${options['name'] as string}` }
        : options,
  })
  return fromJson(JSON.parse(JSON.stringify(rename(toJson(expression)))))
}
