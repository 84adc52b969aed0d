import { InvalidArgumentError } from 'commander'

/** A whole number from 1. */
export function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number from 1.')
  return value
}

/** Whole numbers from 1, with commas between. */
export const counts = (text: string): readonly number[] => text.split(',').map(count)

/** Everything but the result goes to standard error. */
export const note = (line: string): void => void process.stderr.write(`${line}\n`)
