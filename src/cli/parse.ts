import { InvalidArgumentError } from 'commander'
import type { EventFormat, EventSource } from '../events/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { Split } from '../data/index.ts'

/** A number option; the range is checked where the number is used. */
export function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError(`Expected a number, received '${text}'.`)
  return value
}

/** Texts between commas. */
export const list = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** `10,20` → cutoffs. */
export const numbers = (text: string): readonly number[] => list(text).map(number)

/** `start:end`, of which either may be left out; the range is checked where it is used. */
export function slice(text: string): { readonly start?: number; readonly end?: number } {
  const [, start, end] = /^(-?[0-9]*):(-?[0-9]*)$/.exec(text) ?? []
  if (start === undefined || end === undefined || start === '-' || end === '-')
    throw new InvalidArgumentError(`Expected start:end, such as -20: or 0:10, received '${text}'.`)
  return { ...(start !== '' && { start: Number(start) }), ...(end !== '' && { end: Number(end) }) }
}

export interface SourceFlags {
  readonly header: boolean
  readonly columns?: readonly string[]
  readonly delimiter?: string
  readonly format?: string
}

const formats: readonly EventFormat[] = ['csv', 'tsv', 'jsonl', 'parquet']

export function eventSource(paths: readonly string[], flags: SourceFlags): EventSource {
  const { columns, delimiter, format, header } = flags
  if (!header && columns === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      '--no-header needs the names of the columns: --columns user,item,…',
    )
  if (format !== undefined && !formats.includes(format as EventFormat))
    throw new EnsuiteError('OPTION_INVALID', `--format ${format} is not known. Choose ${formats.join(', ')}.`)
  return {
    path: paths,
    ...(header ? {} : { header }),
    ...(columns && { columns }),
    ...(delimiter !== undefined && { delimiter: delimiter === '\\t' ? '\t' : delimiter }),
    ...(format !== undefined && { format: format as EventFormat }),
  }
}

const SHARE = 0.1

/** A named split; a tenth of the sessions each for validation and test where sessions are divided. */
export function splitNamed(name: string, seed: number): Split {
  if (name === 'leave-one-out') return { kind: name }
  if (name === 'random') return { kind: name, validation: SHARE, test: SHARE, seed }
  if (name === 'time') return { kind: name, validation: SHARE, test: SHARE }
  throw new EnsuiteError(
    'OPTION_INVALID',
    `--split ${name} is not known. Choose leave-one-out, random or time.`,
  )
}
