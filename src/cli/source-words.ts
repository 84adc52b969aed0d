import { listed, type SourceFlags } from './parse.ts'
import { plain } from './schema-table.ts'

/** The options that say how the events are read, as they were given. */
export const sourceWords = ({
  header,
  quotes,
  columns,
  delimiter,
  format,
}: SourceFlags): readonly string[] => [
  ...(header ? [] : ['--no-header']),
  ...(columns === undefined ? [] : ['--columns', quoted(listed(columns))]),
  ...(delimiter === undefined ? [] : ['--delimiter', quoted(delimiter)]),
  ...(quotes ? [] : ['--no-quotes']),
  ...(format === undefined ? [] : ['--format', format]),
]

/** A word as a shell takes it. */
export const quoted = (word: string): string =>
  /^[\w./:@%+,-]+$/.test(word) ? word : `'${plain(word).replaceAll("'", "'\\''")}'`
