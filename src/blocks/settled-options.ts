import { checkBoolean, checkNumber, checkOptions } from '../options.ts'

type Range = Parameters<typeof checkNumber>[2]

const size: Range = { integer: true, min: 1, max: 65_536 }
/** Every layer costs a graph: thousands would take minutes before anything is said of memory. */
const depth: Range = { integer: true, min: 1, max: 256 }
const share: Range = { min: 0, below: 1 }

/** What a number of this name may be, in every block that has it. */
const numbers: Readonly<Record<string, Range>> = {
  width: size,
  embeddingWidth: size,
  layers: depth,
  heads: size,
  keyValueHeads: size,
  expansion: size,
  stateExpansion: size,
  stateSize: size,
  kernelSize: size,
  window: size,
  dropout: share,
  attentionDropout: share,
  epsilon: { above: 0 },
  rotaryBase: { above: 1 },
}

/** Options that are true or false. */
const truths: readonly string[] = ['bidirectional', 'times', 'preNorm', 'tieBiases']
/** Options that a block may do without. */
const without: readonly string[] = ['embeddingWidth', 'keyValueHeads']

/** The same type, written out: a block's options are to be read by any name. */
export type WrittenOut<Options> = { readonly [Name in keyof Options]: Options[Name] }

/** Options of which those of these names are there. */
type Settled<Options, Name extends keyof Options> = WrittenOut<Options & Required<Pick<Options, Name>>>

/**
 * The options of a block with its defaults. Numbers and truth values of the names above are checked, and that there are no other options than `known`; what else a block asks of them it checks
 * itself. `ranges`: of numbers that are of another range in this block. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`.
 */
export function settledOptions<Options extends object, Name extends keyof Options>(
  kind: string,
  known: readonly string[],
  options: Options,
  defaults: Required<Pick<Options, Name>>,
  ranges: Readonly<Record<string, Range>> = {},
): Settled<Options, Name> {
  const where = `blocks.${kind}`
  checkOptions(where, options, known)
  const given = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Options
  const full = Object.freeze({ ...defaults, ...given })
  const values = full as Readonly<Record<string, unknown>>
  for (const name of known) {
    if (values[name] === undefined && without.includes(name)) continue
    const range = { ...numbers, ...ranges }[name]
    if (range !== undefined) checkNumber(`${where}: ${name}`, values[name] as number, range)
    if (truths.includes(name)) checkBoolean(`${where}: ${name}`, values[name])
  }
  return full
}
