import { EnsuiteError } from '../errors.ts'
import { shown } from '../expressions/index.ts'

/** Throws `OPTION_INVALID` unless this is the name of a column. */
export function checkName(role: string, name: unknown): void {
  if (typeof name === 'string' && name !== '') return
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${role} of workflow must be the name of a column, received ${shown(name)}.`,
  )
}
