import { EnsuiteError } from '../errors.ts'
import type { Expression } from './expression.ts'
import { shown } from './infer.ts'
import type { Operator, Options } from './operator.ts'
import type { Value } from './value.ts'

/**
 * Throws `OPTION_INVALID` for a constant where an operator needs a value that varies. A plain text is a literal and no column:
 * by 'brand', all events would be one group, and nothing would say so.
 */
export function checkConstants(
  { name, varies }: Operator,
  inputs: readonly Expression[],
  options: Options,
): void {
  const all = inputs.every(isConstant)
  for (const [place, input] of inputs.entries())
    if (isConstant(input) && (varies === undefined ? all : varies(place, options, input.type)))
      throw constantError(`'${name}'`, input)
}

/** Throws `OPTION_INVALID` for a tree that is the same for all events. */
export function checkVaries(where: string, tree: Expression): void {
  if (isConstant(tree)) throw constantError(where, tree)
}

/** No operator takes constants alone, so that a tree without anything that varies is a single literal. */
const isConstant = ({ op }: Expression): boolean => op === 'literal'

function constantError(where: string, { type, options }: Expression): EnsuiteError {
  const value = options['value'] as Value
  const quoted = typeof value === 'string' ? `'${shown(value).slice(1, 61).replace(/"$/, '')}'` : shown(value)
  return new EnsuiteError(
    'OPTION_INVALID',
    `${where} expects a value of each event, received the constant ${type} ${quoted}. ` +
      `Columns are named with column(${type === 'text' ? quoted : "'price'"}, '${type}').`,
  )
}
