import type { Command } from 'commander'
import { splitKinds, type Split } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import { instant, number } from './parse.ts'

/** What the command line gives for the options of a split, by their names. */
export interface SplitFlags {
  readonly split?: string
  readonly validation?: number
  readonly test?: number
  readonly validationFrom?: number
  readonly testFrom?: number
}

const names = splitKinds.map(({ kind }) => kind)

/** The options that say how sessions are divided, the same for every command that divides them. `otherwise` is said of the kind. */
export const splitOptions = (command: Command, otherwise: string): Command =>
  command
    .option('--split <kind>', `${names.slice(0, -1).join(', ')} or ${names.at(-1)!}; ${otherwise}`)
    .option('--validation <share>', 'of the sessions, where shares divide them (0.1 unless given)', number)
    .option('--test <share>', 'of the sessions, where shares divide them (0.1 unless given)', number)
    .option('--validation-from <time>', 'of --split cut: events from then on validate', instant)
    .option('--test-from <time>', 'of --split cut: events from then on test', instant)

/** For help texts: a line a kind. */
export const splitHelp = `
Splits:
${splitKinds.map(({ kind, summary }) => `  ${kind.padEnd(15)}${summary}`).join('\n')}`

const SHARE = 0.1

/** The split that the flags name; undefined where they name none. Throws `OPTION_INVALID` for flags that are not of it, or missing. */
export function chosenSplit(flags: SplitFlags, seed: number): Split | undefined {
  const { split: name, validation, test, validationFrom, testFrom } = flags
  const given = Object.entries({ validation, test, validationFrom, testFrom }).filter(
    ([, value]) => value !== undefined,
  )
  if (name === undefined) {
    if (given.length === 0) return undefined
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${flagOf(given[0]![0])} is an option of a split. Name it with --split.`,
    )
  }
  const record = splitKinds.find(({ kind }) => kind === name)
  if (record === undefined)
    throw new EnsuiteError('OPTION_INVALID', `--split ${name} is not known. Choose ${names.join(', ')}.`)
  const options: readonly string[] = record.options
  const strange = given.find(([option]) => !options.includes(option))
  if (strange !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `--split ${name} takes no ${flagOf(strange[0])}.${options.length === 0 ? '' : ` It takes ${options.map(flagOf).join(', ')}.`}`,
    )
  const values: Readonly<Record<string, unknown>> = {
    validation: SHARE,
    test: SHARE,
    seed,
    ...Object.fromEntries(given),
  }
  const missing = options.find((option) => values[option] === undefined)
  if (missing !== undefined)
    throw new EnsuiteError('OPTION_INVALID', `--split ${name} needs ${options.map(flagOf).join(' and ')}.`)
  return { kind: name, ...Object.fromEntries(options.map((option) => [option, values[option]])) } as Split
}

/** `validationFrom` → `--validation-from`. */
const flagOf = (option: string): string =>
  `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
