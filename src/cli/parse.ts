import { InvalidArgumentError } from 'commander'
import type { EventFormat, EventSource } from '../events/index.ts'
import { EnsuiteError } from '../errors.ts'

/** A number option; the range is checked where the number is used, and by `wholeNumber` where that is late. */
export function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError(`Expected a number, received '${text}'.`)
  return value
}

/** A whole number option, from `least` on: refused at once, where it is used only after events were read. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = number(text)
    if (Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(
      `Expected a whole number from ${least} to ${Number.MAX_SAFE_INTEGER}, received '${text}'.`,
    )
  }

/** Where random draws start. */
export const seed = wholeNumber(0)

/** Names or ids between commas, one or more, without the spaces around them; what is between quotes is taken as it is, with `""` for a quote, as in CSV. */
export function list(text: string): readonly string[] {
  const found: string[] = []
  const part = /\s*"((?:[^"]|"")*)"\s*(?:,|$)|([^,]*)(?:,|$)/y
  while (part.lastIndex < text.length) {
    const [, quoted, plain = ''] = part.exec(text)!
    const name = quoted?.replaceAll('""', '"') ?? plain.trim()
    if (quoted === undefined && name.startsWith('"'))
      throw new InvalidArgumentError(
        `Those with commas, spaces at their ends or a quote at their start stand between quotes: '" A13",A16'. Received ${name}.`,
      )
    if (quoted !== undefined || name !== '') found.push(name)
  }
  if (found.length === 0)
    throw new InvalidArgumentError(`Expected one or more between commas, received '${text.slice(0, 100)}'.`)
  return found
}

/** What `list` reads as these. */
export const listed = (names: readonly string[]): string =>
  names.map((name) => (/[",]|^\s|\s$|^$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name)).join(',')

/** `10,20` → cutoffs. */
export const numbers = (text: string): readonly number[] => list(text).map(number)

/** `start:end`, of which either may be left out; the range is checked where it is used. */
export function slice(text: string): { readonly start?: number; readonly end?: number } {
  const [, start, end] = /^(-?[0-9]*):(-?[0-9]*)$/.exec(text) ?? []
  if (start === undefined || end === undefined || start === '-' || end === '-')
    throw new InvalidArgumentError(`Expected start:end, such as -20: or 0:10, received '${text}'.`)
  return { ...(start !== '' && { start: Number(start) }), ...(end !== '' && { end: Number(end) }) }
}

const INSTANT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?)?$/

/** A date or time in ISO form → milliseconds since 1970; UTC where it has no zone, as the times in files. */
export function instant(text: string): number {
  const [, date = '', time = '00:00', zone = 'Z'] = INSTANT.exec(text) ?? []
  const value = Date.parse(`${date}T${time}${zone}`)
  // The 30th of February is read as the 2nd of March.
  if (!Number.isNaN(value) && new Date(date).toISOString().startsWith(date)) return value
  throw new InvalidArgumentError(
    `Expected a date such as 2014-08-01 or 2014-08-01T12:00:00Z, received '${text}'.`,
  )
}

export interface SourceFlags {
  readonly header: boolean
  readonly quotes: boolean
  readonly columns?: readonly string[]
  readonly delimiter?: string
  readonly format?: string
}

const formats: readonly EventFormat[] = ['csv', 'tsv', 'jsonl', 'parquet']

export function eventSource(paths: readonly string[], flags: SourceFlags): EventSource {
  const { columns, delimiter, format, header, quotes } = flags
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
    ...(quotes ? {} : { quotes }),
    ...(columns && { columns }),
    ...(delimiter !== undefined && { delimiter: delimiter === '\\t' ? '\t' : delimiter }),
    ...(format !== undefined && { format: format as EventFormat }),
  }
}
