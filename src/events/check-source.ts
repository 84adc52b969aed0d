import { EnsuiteError } from '../errors.ts'
import { checkOptions } from '../options.ts'
import { type EventSource, eventSourceKeys } from './event-source.ts'

const formats: readonly (string | undefined)[] = ['csv', 'tsv', 'jsonl', 'parquet', undefined]

/** Throws `OPTION_UNKNOWN` or `OPTION_INVALID` unless `source` can be understood. */
export function checkSource(source: EventSource): void {
  checkOptions('EventSource', source, eventSourceKeys)
  const { format, header, columns, delimiter, quotes } = source
  if (!formats.includes(format)) {
    throw invalid(`format must be 'csv', 'tsv', 'jsonl' or 'parquet', received '${String(format)}'.`)
  }
  if (columns !== undefined && !isTexts(columns))
    throw invalid("columns expects a list of names, such as ['user', 'item'].")
  if (header !== undefined && typeof header !== 'boolean')
    throw invalid(`header must be true or false, received ${JSON.stringify(header)}.`)
  if (quotes !== undefined && typeof quotes !== 'boolean')
    throw invalid(`quotes must be true or false, received ${JSON.stringify(quotes)}.`)
  if (columns !== undefined && (columns.length < 2 || new Set(columns).size !== columns.length)) {
    throw invalid(`columns must be two or more different names, received [${columns.join(', ')}].`)
  }
  if (header === true && columns !== undefined) {
    throw invalid(
      'columns names the columns of a file without a header: leave out columns, or set header: false.',
    )
  }
  if (header === false && columns === undefined) {
    throw invalid(`header: false needs the names of all columns, such as columns: ['user', 'item'].`)
  }
  if (delimiter !== undefined && !isDelimiter(delimiter)) {
    throw invalid(
      `delimiter must be 1 to 4 bytes without quotes and line ends, received ${JSON.stringify(delimiter)}.`,
    )
  }
}

/** Throws `OPTION_INVALID` if an option for delimited text is given for files that are none. */
export function checkTextOptions(source: EventSource, format: string): void {
  if (format !== 'jsonl' && format !== 'parquet') return
  for (const option of ['header', 'columns', 'delimiter', 'quotes'] as const) {
    if (source[option] !== undefined)
      throw invalid(`${option} is for delimited text, but the format is ${format}.`)
  }
}

const isTexts = (names: unknown): boolean =>
  Array.isArray(names) && names.every((name) => typeof name === 'string')

function isDelimiter(delimiter: unknown): boolean {
  if (typeof delimiter !== 'string') return false
  const bytes = new TextEncoder().encode(delimiter).length
  return bytes >= 1 && bytes <= 4 && !/["\r\n\0]/.test(delimiter)
}

function invalid(message: string): EnsuiteError {
  return new EnsuiteError('OPTION_INVALID', message)
}
