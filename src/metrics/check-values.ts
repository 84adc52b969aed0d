import { checkGiven } from '../options.ts'

/** Throws `OPTION_INVALID` for what is no list. What is in it, whoever reads it sees. */
export function checkValues(where: string, values: unknown): void {
  const { length } = Object(values) as Partial<ArrayLike<number>>
  const isGood = typeof values === 'object' && typeof length === 'number'
  checkGiven(where, values, { what: 'a list of numbers', isGood })
}
