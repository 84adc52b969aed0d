import { EnsuiteError } from '../errors.ts'
import { parseRecords, sniffDelimiter } from './delimited-text.ts'
import type { EventSource } from './event-source.ts'
import type { EventTable } from './event-table.ts'
import { type FileHead, readHead } from './file-head.ts'
import type { FoundFiles } from './find-files.ts'
import { filePattern, literal, literals } from './sql.ts'

/**
 * Delimited text as a table of strings. Empty files are left out; all others must have the same columns.
 *
 * Throws `FILE_UNREADABLE` if a file is no text or splits into one column only, `EVENTS_EMPTY` if all files are empty.
 */
export async function delimitedTable(found: FoundFiles, source: EventSource): Promise<EventTable> {
  const heads = await Promise.all(found.files.map(async (file) => ({ file, head: await readHead(file) })))
  const filled = heads.filter(({ head }) => head.text.trim() !== '')
  const first = filled[0]
  if (first === undefined) {
    throw new EnsuiteError('EVENTS_EMPTY', `${found.files.join(', ')} holds no events: the file is empty.`)
  }
  const { quotes = true } = source
  const text = (head: FileHead): DelimitedHead => ({ ...head, quotes })
  const delimiter = source.delimiter ?? delimiterOf(found, first.file, text(first.head))
  const header = source.header ?? source.columns === undefined
  const firstRecord = recordOf(text(first.head), delimiter)
  const names = header ? firstRecord : source.columns!
  if (firstRecord.length === 0)
    throw new EnsuiteError(
      'FILE_UNREADABLE',
      `${first.file}: its first line does not end within the first ${first.head.text.length} characters. Check that it is delimited text, and that its quotes are closed.`,
    )
  if (firstRecord.length === 1) throw oneColumn(first.file, text(first.head), delimiter)
  for (const { file, head } of filled) checkRecord(file, recordOf(text(head), delimiter), names, header)
  const types = `{${names.map((_, index) => `c${index}: 'VARCHAR'`).join(', ')}}`
  return {
    format: found.format,
    files: filled.map(({ file }) => file),
    // Nothing is left to be guessed from the content: every value stays the text that it is.
    from: (files) =>
      `read_csv(${literals(files.map(filePattern))}, auto_detect = false, columns = ${types}, header = ${header}, ` +
      `delim = ${literal(delimiter)}, ${quotes ? `quote = '"', escape = '"'` : `quote = '', escape = ''`}, hive_partitioning = false)`,
    columns: names.map((name, index) => ({ name, expression: `c${index}`, type: 'VARCHAR' })),
  }
}

/** The beginning of a file, and whether its fields may be quoted. */
type DelimitedHead = FileHead & { readonly quotes: boolean }

function delimiterOf(found: FoundFiles, file: string, head: DelimitedHead): string {
  if (found.format !== 'text') return found.format === 'tsv' ? '\t' : ','
  const delimiter = sniffDelimiter(head.text, head)
  if (delimiter !== undefined) return delimiter
  throw new EnsuiteError(
    'FILE_UNREADABLE',
    `${file}: no comma, tab, semicolon, bar or space splits its lines into the same number of columns, two or more. ` +
      `Say what does, such as delimiter: '::'.`,
  )
}

function recordOf(head: DelimitedHead, delimiter: string): readonly string[] {
  return parseRecords(head.text, delimiter, { ...head, limit: 1 })[0] ?? []
}

function checkRecord(
  file: string,
  record: readonly string[],
  names: readonly string[],
  header: boolean,
): void {
  const good = header ? record.join('\0') === names.join('\0') : record.length === names.length
  if (good) return
  throw new EnsuiteError(
    'FILE_UNREADABLE',
    header
      ? `${file} has the columns ${record.join(', ')}; expected are those of the first file, in the same order: ${names.join(', ')}.`
      : `${file}: its first line has ${record.length} columns, but ${names.length} are named (${names.join(', ')}). Name all columns.`,
  )
}

function oneColumn(file: string, head: DelimitedHead, delimiter: string): EnsuiteError {
  const other = sniffDelimiter(head.text, head)
  return new EnsuiteError(
    'FILE_UNREADABLE',
    `${file}: its first line has one column with the delimiter ${JSON.stringify(delimiter)}; a session and an item column are ` +
      `expected. ${other === undefined ? 'Say the true one with delimiter.' : `Try delimiter: ${JSON.stringify(other)}.`}`,
  )
}
