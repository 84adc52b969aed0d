import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'

/** Which columns make sessions, and what becomes of their values. */
export interface WorkflowOptions {
  /** Column of the session (or user) that an event belongs to. */
  readonly session: string
  /** Column of the item: what is recommended. */
  readonly item: string
  /** Column that orders the events of a session. Default: the order of the file. */
  readonly time?: string
  /** Further columns that describe an event, such as its category or colour. Default: none. */
  readonly categorical?: readonly string[]
  /** Values (of items and categories) with fewer events become unknown: 1 or more, default 1. */
  readonly minCount?: number
}

/** Options with the defaults filled in, safe for JSON. */
export interface ResolvedWorkflowOptions extends WorkflowOptions {
  readonly categorical: readonly string[]
  readonly minCount: number
}

/** Throws `OPTION_UNKNOWN` or `OPTION_INVALID` unless each column is named once. */
export function resolveWorkflowOptions(options: WorkflowOptions): ResolvedWorkflowOptions {
  checkOptions('workflow', options, ['session', 'item', 'time', 'categorical', 'minCount'])
  const { session, item, time, categorical = [], minCount = 1 } = options
  checkNumber('minCount of workflow', minCount, { integer: true, min: 1 })
  if (!isList(categorical)) {
    throw new EnsuiteError(
      'OPTION_INVALID',
      `categorical of workflow must be a list of column names, received ${JSON.stringify(categorical)}.`,
    )
  }
  const roles: readonly (readonly [string, unknown])[] = [
    ['session', session],
    ['item', item],
    ...(time === undefined ? [] : [['time', time] as const]),
    ...categorical.map((name) => ['categorical', name] as const),
  ]
  const seen = new Map<unknown, string>()
  for (const [role, name] of roles) {
    if (typeof name !== 'string' || name === '') {
      throw new EnsuiteError(
        'OPTION_INVALID',
        `${role} of workflow must be the name of a column, received ${JSON.stringify(name)}.`,
      )
    }
    const other = seen.get(name)
    if (other !== undefined) {
      throw new EnsuiteError(
        'OPTION_INVALID',
        `workflow names column '${name}' as ${other} and as ${role}. Name each column once.`,
      )
    }
    seen.set(name, role)
  }
  return Object.freeze({
    session,
    item,
    ...(time === undefined ? {} : { time }),
    categorical: Object.freeze([...categorical]),
    minCount,
  })
}

/** `Array.isArray` would make the elements `any`. */
function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value)
}
