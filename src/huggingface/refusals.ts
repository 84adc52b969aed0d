import { EnsuiteError } from '../errors.ts'

/** The error for a checkpoint that no block can start from. */
export const unfit = (message: string, cause?: unknown): EnsuiteError =>
  new EnsuiteError('PRETRAINED_INVALID', message, cause === undefined ? undefined : { cause })

const MOST_NAMES = 4

/** A few of these names, and how many there are beside them. */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => `'${name.slice(0, 200)}'`)
  return [...shown, ...(names.length > MOST_NAMES ? [`${names.length - MOST_NAMES} more`] : [])].join(', ')
}
