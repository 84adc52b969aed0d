import type { Command } from 'commander'
import { EnsuiteError } from '../errors.ts'
import { list, type SourceFlags } from './parse.ts'

/** The argument and options that say where events are, the same for every command that reads them. */
export function sourceOptions(command: Command): Command {
  return command
    .argument('<events...>', 'CSV, TSV, JSON lines or Parquet; plain or .gz; files or a folder')
    .option('--no-header', 'the first line is data; name the columns with --columns')
    .option(
      '--columns <names>',
      'names of all columns, in order, between commas; one with commas or spaces at its ends between quotes',
      list,
    )
    .option('--delimiter <text>', "what separates columns, such as ' ' or ';'")
    .option('--no-quotes', 'a double quote is a character as others: no field is between quotes')
    .option('--format <name>', 'csv, tsv, jsonl or parquet, where the name of the file does not say')
}

/** Throws `OPTION_INVALID` for flags that say how files are read, beside a folder that says so itself. */
export function checkNoSource(prepared: string, flags: SourceFlags): void {
  const named = (['columns', 'delimiter', 'format'] as const).find((name) => flags[name] !== undefined)
  const flag = !flags.header ? 'no-header' : !flags.quotes ? 'no-quotes' : named
  if (flag !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${prepared} is prepared, and its files say how they are read. Leave --${flag} out.`,
    )
}
