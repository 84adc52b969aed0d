export type EventFormat = 'csv' | 'tsv' | 'jsonl' | 'parquet'

/** Where events are: one row an event. */
export interface EventSource {
  /**
   * A file, a folder, or several of them. Of a folder, all files of its one format are read, sorted by name; files that
   * are listed are read in the order given. CSV, TSV and JSON lines may be compressed (`.gz`).
   */
  readonly path: string | readonly string[]
  /** Default: from the name (`.csv`, `.tsv`, `.jsonl`, `.ndjson`, `.parquet`; `.txt` and `.dat` are delimited text). */
  readonly format?: EventFormat
  /** Whether the first line of delimited text names the columns. Default: true, unless `columns` is given. */
  readonly header?: boolean
  /** The names of all columns, in order, of delimited text without a header. */
  readonly columns?: readonly string[]
  /**
   * What separates the columns of delimited text, 1 to 4 bytes. Default: comma for CSV, tab for TSV; for `.txt` and
   * `.dat` the first of comma, tab, semicolon, bar and space that gives every line the same number of columns.
   */
  readonly delimiter?: string
  /**
   * Whether a field of delimited text may stand between double quotes, and then hold delimiters, line ends and doubled quotes. Default: true.
   * false: a quote is a character as others, and a line end always ends an event.
   */
  readonly quotes?: boolean
}

export const eventSourceKeys = ['path', 'format', 'header', 'columns', 'delimiter', 'quotes'] as const
