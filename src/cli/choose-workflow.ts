import { EnsuiteError } from '../errors.ts'
import type { EventSource } from '../events/index.ts'
import { expressions as f, type Expression } from '../expressions/index.ts'
import { inferSchema, type InferredColumn, type Role } from '../schema/index.ts'
import { inferredWorkflow, workflow, type FittedWorkflow, type Workflow } from '../workflow/index.ts'
import type { Output } from './output.ts'
import { plain } from './schema-table.ts'

export interface WorkflowFlags {
  readonly config?: string
  readonly functions?: string
  readonly session?: string
  readonly item?: string
  readonly time?: string
  readonly categorical?: readonly string[]
  readonly continuous?: readonly string[]
  readonly minCount: number
}

/** Flags that say what the columns are. */
export const COLUMN_FLAGS = ['session', 'item', 'time', 'categorical', 'continuous'] as const

/** The workflow of the config; else that of the columns that are named; where session or item are not, what the columns look like. */
export async function chooseWorkflow(
  source: EventSource,
  flags: WorkflowFlags & { readonly workflow?: Workflow | FittedWorkflow },
  output: Output,
): Promise<Workflow> {
  const { session, item, time, categorical = [], continuous = [], minCount } = flags
  if (flags.workflow !== undefined) return configured(flags.workflow, flags)
  if (flags.functions !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      '--functions is for features that call them, and columns do not. Give the workflow with --config, or leave --functions out.',
    )
  const both = categorical.find((name) => continuous.includes(name))
  if (both !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `Column '${both}' is given as --categorical and as --continuous. Choose one.`,
    )
  if (session !== undefined && item !== undefined)
    return workflow({
      session,
      item: f.category(item, { minCount }),
      ...(time !== undefined && { time: await timeOf(source, time) }),
      features: Object.fromEntries([
        ...categorical.map((name) => [name, f.category(name, { minCount })] as const),
        ...continuous.map((name) => [name, f.normalize(f.column(name, 'number'))] as const),
      ]),
    })
  const roles = new Map<string, Role>([
    ...categorical.map((name) => [name, 'categorical'] as const),
    ...continuous.map((name) => [name, 'continuous'] as const),
    ...(['session', 'item', 'time'] as const).flatMap((role) =>
      flags[role] === undefined ? [] : [[flags[role], role] as const],
    ),
  ])
  const { columns } = await inferSchema(source, { roles: Object.fromEntries(roles) })
  const spoilt = columns.find(({ unreadableTime }) => unreadableTime !== undefined)
  if (spoilt !== undefined) throw unreadable(spoilt)
  for (const { name, role, reason } of columns)
    if (role !== 'ignore' && role !== 'text') output.note(`${role.padEnd(12)}${name} (${reason})`)
  output.note(
    'Guessed. Correct it with --session, --item, --time, --categorical, --continuous, or see ensuite schema.',
  )
  return workflow(inferredWorkflow(columns, { minCount }))
}

function unreadable({ name, unreadableTime }: InferredColumn): EnsuiteError {
  const { value, row, rows } = unreadableTime!
  const others = rows === undefined || rows === 1 ? '' : `, and ${rows - 1} more`
  return new EnsuiteError(
    'COLUMN_INVALID',
    `Column '${plain(name)}' looks like the time of the events, but '${plain(value)}' is none (row ${row}${others}). Write all times as ISO dates or milliseconds since 1970; give another column with --time; or name --session and --item, and the order of the file counts.`,
  )
}

function configured(found: Workflow | FittedWorkflow, flags: WorkflowFlags): Workflow {
  const named = COLUMN_FLAGS.find((name) => flags[name] !== undefined)
  if (named !== undefined)
    throw new EnsuiteError('OPTION_INVALID', `--config says what --${named} says. Give one of them.`)
  if (flags.minCount !== 1)
    throw new EnsuiteError(
      'OPTION_INVALID',
      "--min-count is of columns, and the workflow of --config says it for each feature: category('item', { minCount: 5 }). Give one of them.",
    )
  if ('fit' in found) return found
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${flags.config ?? 'The config'} holds a fitted workflow: train learns its own. Give its definition, or train on the folder that it prepared.`,
  )
}

/** A column that is named on the command line as a time, in the unit that its numbers look like. */
async function timeOf(source: EventSource, name: string): Promise<Expression> {
  const { columns } = await inferSchema(source, { roles: { [name]: 'time' } })
  const unit = columns.find((column) => column.name === name)?.unit
  return f.column(name, unit === 'seconds' ? 'seconds' : 'time')
}
