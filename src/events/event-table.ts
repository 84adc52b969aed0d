import { EnsuiteError } from '../errors.ts'
import { nearestWord } from '../options.ts'
import type { FoundFiles } from './find-files.ts'

/** The files of a source as one SQL table, its rows in the order of the files. */
export interface EventTable {
  readonly format: FoundFiles['format']
  readonly files: readonly string[]
  /** What `SELECT … FROM` takes, for all files or for some of them. */
  readonly from: (files: readonly string[]) => string
  readonly columns: readonly TableColumn[]
}

export interface TableColumn {
  readonly name: string
  /** The SQL expression of its value. */
  readonly expression: string
  /** DuckDB's type; `VARCHAR` for all that text files hold. */
  readonly type: string
  /** The SQL of its value as text, where that is not the expression itself. */
  readonly printed?: string
  /** The SQL of whether a row holds what is no text, truth value or finite number. Default: none does. */
  readonly refused?: string
}

/** The column called `name`. Throws `COLUMN_MISSING`, or `COLUMN_INVALID` if two are called so or its values are nested. */
export function columnOf(table: EventTable, name: string): TableColumn {
  const [column, second] = table.columns.filter((each) => each.name === name)
  const place = table.files.length === 1 ? table.files[0]! : `${table.files[0]!} and the files with it`
  if (column === undefined) {
    const names = table.columns.map((each) => each.name)
    const nearest = nearestWord(name, names)
    throw new EnsuiteError(
      'COLUMN_MISSING',
      `There is no column '${name}' in ${place}.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`} ` +
        `Columns: ${names.join(', ')}.`,
    )
  }
  if (second !== undefined) {
    throw new EnsuiteError('COLUMN_INVALID', `There are two columns '${name}' in ${place}. Rename one.`)
  }
  if (/^(STRUCT|MAP|UNION|BLOB|BIT)\b|\]$/.test(column.type)) {
    throw new EnsuiteError(
      'COLUMN_INVALID',
      `Column '${name}' of ${place} holds ${column.type}; one plain value a row is expected. ` +
        `Write one row an event.`,
    )
  }
  return column
}
