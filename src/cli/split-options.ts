import { Option, type Command } from 'commander'
import { splitKinds, type Split, type SplitOption } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkChoice, checkNumber, checkOptions } from '../options.ts'
import { instant, number } from './parse.ts'

/** What the command line gives for the options of a split, by their names. */
export type SplitFlags = { readonly split?: string } & { readonly [Option in OptionName]?: number }

type OptionName = Exclude<
  Split extends infer Each ? (Each extends Split ? keyof Each : never) : never,
  'kind' | 'seed'
>

const names = splitKinds.map(({ kind }) => kind)

/** Every option of a split once, but `seed`, which commands have for all that they draw. */
const options: readonly (readonly [name: string, SplitOption])[] = Object.entries(
  Object.assign({}, ...splitKinds.map((record) => record.options)) as Readonly<Record<string, SplitOption>>,
).filter(([name]) => name !== 'seed')

const kinds: Readonly<
  Record<SplitOption['kind'], { readonly word: string; readonly parse: (text: string) => number }>
> = {
  share: { word: 'share', parse: number },
  instant: { word: 'time', parse: instant },
  whole: { word: 'n', parse: number },
}

const SHARE = 0.1

/** The options that say how sessions are divided, the same for every command that divides them. `otherwise` is said of the kind. */
export function splitOptions(command: Command, otherwise: string): Command {
  command.option('--split <kind>', `${names.slice(0, -1).join(', ')} or ${names.at(-1)!}; ${otherwise}`)
  for (const [name, { kind, summary }] of options) {
    const { word, parse } = kinds[kind]
    const said = `of a split: ${summary}${kind === 'share' ? ` (${SHARE} unless given)` : ''}`
    command.addOption(new Option(`${flagOf(name)} <${word}>`, said).argParser(parse))
  }
  return command
}

/** For help texts: a line a kind. */
export const splitHelp = `
Splits:
${splitKinds.map(({ kind, summary }) => `  ${kind.padEnd(15)}${summary}`).join('\n')}`

/**
 * The split that the flags name, or that of a config with what the flags say in its place; undefined where neither names one.
 * Throws `OPTION_INVALID` for flags that are not of it, or missing, and `OPTION_UNKNOWN` for what a config says of no split.
 */
export function chosenSplit(flags: SplitFlags, seed: number, config?: Partial<Split>): Split | undefined {
  const name = flags.split ?? checkedKind(config)
  const given = options.flatMap(([option]) => {
    const value = flags[option as OptionName]
    return value === undefined ? [] : [[option, value] as const]
  })
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
  const own = Object.entries<SplitOption>(record.options)
  const flagsOf = own.map(([option]) => flagOf(option))
  const strange = given.find(([option]) => !Object.hasOwn(record.options, option))
  if (strange !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `--split ${name} takes no ${flagOf(strange[0])}.${own.length === 0 ? '' : ` It takes ${flagsOf.join(', ')}.`}`,
    )
  const kept = config?.kind === name ? configured(record.options, config) : []
  const values = new Map<string, number>([
    ...own.flatMap(([option, { kind }]) => (kind === 'share' ? [[option, SHARE] as const] : [])),
    ['seed', seed],
    ...kept,
    ...given,
  ])
  if (own.some(([option]) => !values.has(option)))
    throw new EnsuiteError('OPTION_INVALID', `--split ${name} needs ${flagsOf.join(' and ')}.`)
  checkValues(own, values, (option) =>
    given.some(([name]) => name === option) ? flagOf(option) : `split.${option} of the config`,
  )
  return { kind: name, ...Object.fromEntries(own.map(([option]) => [option, values.get(option)])) } as Split
}

/** What a split refuses later, by other names: shares that leave nothing to train on, and instants that are not one after the other. */
function checkValues(
  own: readonly (readonly [string, SplitOption])[],
  values: ReadonlyMap<string, number>,
  where: (option: string) => string,
): void {
  const ofKind = (wanted: SplitOption['kind']): readonly (readonly [string, number])[] =>
    own.flatMap(([option, { kind }]) => (kind === wanted ? [[option, values.get(option)!] as const] : []))
  const shares = ofKind('share')
  for (const [option, share] of shares) checkNumber(where(option), share, { min: 0, below: 1 })
  if (shares.length > 0)
    checkNumber(
      shares.map(([option]) => flagOf(option)).join(' + '),
      shares.reduce((sum, [, share]) => sum + share, 0),
      { below: 1 },
    )
  const instants = ofKind('instant')
  for (const [at, [option, instantOf]] of instants.entries()) {
    const before = instants[at - 1]
    if (before === undefined || before[1] <= instantOf) continue
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where(option)}, ${dateOf(instantOf)}, is before ${where(before[0])}, ${dateOf(before[1])}. Give a later one.`,
    )
  }
}

/** In UTC; the number itself where no date can be so far away. */
const dateOf = (milliseconds: number): string => {
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString()
}

function checkedKind(config: Partial<Split> | undefined): string | undefined {
  if (config === undefined) return undefined
  const { kind } = Object(config) as Partial<Split>
  checkChoice('split.kind of the config', kind, names)
  return kind
}

/** What a config says of its split. */
function configured(
  known: object,
  { kind, ...values }: Partial<Split>,
): readonly (readonly [string, number])[] {
  checkOptions(`Split '${kind!}' of the config`, values, Object.keys(known))
  const given = Object.entries<number>(values)
  for (const [name, value] of given) checkNumber(`split.${name} of the config`, value, {})
  return given
}

/** `validationFrom` → `--validation-from`. */
const flagOf = (option: string): string =>
  `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
