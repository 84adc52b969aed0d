import { EnsuiteError } from '../errors.ts'
import { expressions as f, type Expression } from '../expressions/index.ts'
import type { InferredColumn } from '../schema/index.ts'
import type { WorkflowOptions } from './definition.ts'

/**
 * The workflow that fits columns whose roles are known or guessed: the session (or else the user), the item and the time;
 * categorical columns by vocabulary, continuous ones normalized. Throws `OPTION_INVALID` where there is no session or no item.
 */
export function inferredWorkflow(
  columns: readonly Pick<InferredColumn, 'name' | 'role' | 'unit'>[],
  { minCount = 1 }: { readonly minCount?: number } = {},
): WorkflowOptions {
  const ofRole = (role: string): string | undefined => columns.find((each) => each.role === role)?.name
  const session = ofRole('session') ?? ofRole('user')
  const item = ofRole('item')
  const time = columns.find((each) => each.role === 'time')
  if (session === undefined || item === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `No column looks like the ${session === undefined ? 'session' : 'item'}: there are ${columns.map(({ name, role }) => `${name} (${role})`).join(', ')}. Name it: --session <column> --item <column>.`,
    )
  const features = columns.flatMap(({ name, role }): readonly (readonly [string, Expression])[] =>
    role === 'categorical'
      ? [[name, f.category(name, { minCount })]]
      : role === 'continuous'
        ? [[name, f.normalize(f.column(name, 'number'))]]
        : [],
  )
  return {
    session,
    item: f.category(item, { minCount }),
    ...(time !== undefined && { time: time.unit === 'seconds' ? f.column(time.name, 'seconds') : time.name }),
    features: Object.fromEntries(features),
  }
}
