import { EnsuiteError } from '../../errors.ts'
import { cast, type Tensor } from '../../graph/index.ts'
import { checkBoolean, checkNumber, checkOptions } from '../../options.ts'

/**
 * Where the negatives of a label come from:
 * - `shared`: drawn once for the whole batch;
 * - `each`: drawn for each label;
 * - `batch`: the targets of the labels of the batch's other sessions;
 * - `mixed`: those of `batch` and those of `shared` together (Yang et al. 2020).
 */
export type NegativesKind = 'shared' | 'each' | 'batch' | 'mixed'

/** Codes and logQ: [n], or [labels, n] for `each`. */
export type Negatives =
  | {
      readonly kind: 'shared' | 'each' | 'mixed'
      readonly codes: Tensor
      /** ln of how often a code is expected among the negatives of a label; for `mixed` among both parts together. */
      readonly logQ?: Tensor
    }
  | { readonly kind: 'batch' }

export interface LossInputs {
  /** [labels, width] */
  readonly hidden: Tensor
  /** The item embeddings, indexed by code: [items, width]. The reserved rows are there, and are never candidates. */
  readonly table: Tensor
  /** Whether its rows count at length 1, as `hidden` then is. */
  readonly unit?: boolean
  /** Indexed by code: [items]. */
  readonly bias?: Tensor
  /** Codes, never reserved ones: [labels] int32. */
  readonly targets: Tensor
  /** Of which session each label is, a number from 0: [labels] int32. Targets of a label's own session are not its negatives; without, its own target alone is none. */
  readonly sessions?: Tensor
  readonly negatives?: Negatives
  /** As `logQ` of the negatives, of the targets: [labels]. Only losses that correct read it; without any logQ they do not correct. */
  readonly targetLogQ?: Tensor
}

export type SampledInputs = LossInputs & { readonly negatives: Negatives }

/** A number with its default and its range. */
export interface NumberOption {
  readonly default: number
  readonly integer?: boolean
  readonly min?: number
  readonly above?: number
  readonly max?: number
  readonly below?: number
}

/** A choice of two. */
export interface BooleanOption {
  readonly default: boolean
}

export type LossOptionsRecord = Readonly<Record<string, NumberOption | BooleanOption>>

type Value<Default> = Default extends boolean ? boolean : number

/** The values of some options. */
export type Values<Options extends LossOptionsRecord> = {
  readonly [Name in keyof Options]: Value<Options[Name]['default']>
}

/** Divides every score; above 0, default 1. */
export const temperature = { default: 1, above: 0 } as const satisfies NumberOption

/** One loss of the next item, as data. A new one is a file and a line in the table `losses`; `nextItem` and the command line have it then. */
export interface NextItemLoss<Options extends LossOptionsRecord = LossOptionsRecord> {
  readonly kind: string
  /** What it can be given, the paper's choice first; none for a loss over the whole catalogue. */
  readonly negatives: readonly NegativesKind[]
  readonly options: Options
  /** Whether it reads `logQ` where it is given. */
  readonly corrects: boolean
  /** All options, with defaults. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
  resolve(options: Partial<Values<Options>>): Values<Options>
  /**
   * A value a label, in nats: [labels]. The table is read by `gather` alone where there are negatives, so that its gradient is rows only.
   * Throws `OPTION_INVALID` for negatives of a kind that it does not take.
   */
  loss(inputs: LossInputs, options?: Partial<Values<Options>>): Tensor
}

interface Definition<Options extends LossOptionsRecord, Inputs> extends Pick<
  NextItemLoss<Options>,
  'kind' | 'negatives' | 'options'
> {
  readonly corrects?: boolean
  /** Gets checked inputs and all options. */
  readonly build: (inputs: Inputs, options: Values<Options>) => Tensor
}

/** Makes the record of a loss that takes negatives. */
export function defineSampledLoss<const Options extends LossOptionsRecord>(
  own: Definition<Options, SampledInputs>,
): NextItemLoss<Options> {
  return defineLoss({ ...own, build: (inputs, options) => own.build(inputs as SampledInputs, options) })
}

/** Makes the record of a loss from what is its own. */
export function defineLoss<const Options extends LossOptionsRecord>(
  own: Definition<Options, LossInputs>,
): NextItemLoss<Options> {
  const { kind, negatives, options, corrects = false, build } = own
  const resolve = (given: Partial<Values<Options>>): Values<Options> => {
    checkOptions(`The loss '${kind}'`, given, Object.keys(options))
    const values = Object.entries(options).map(([name, { default: usual, ...range }]) => {
      const value = given[name] ?? usual
      if (typeof usual === 'boolean') checkBoolean(`The loss '${kind}': ${name}`, value)
      else checkNumber(`The loss '${kind}': ${name}`, value as number, range)
      return [name, value] as const
    })
    return Object.freeze(Object.fromEntries(values)) as Values<Options>
  }
  return Object.freeze<NextItemLoss<Options>>({
    kind,
    negatives: Object.freeze(negatives),
    options,
    corrects,
    resolve,
    loss: (inputs, given = {}) => {
      checkNegatives(kind, negatives, inputs)
      return build({ ...inputs, targets: cast(inputs.targets, 'int32') }, resolve(given))
    },
  })
}

function checkNegatives(
  kind: string,
  known: readonly NegativesKind[],
  { negatives, targetLogQ }: LossInputs,
): void {
  const received = negatives === undefined ? 'none' : `'${negatives.kind}'`
  if (negatives === undefined ? known.length > 0 : !known.includes(negatives.kind))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `The loss '${kind}' takes ${known.length === 0 ? 'no negatives' : `negatives of the kinds ${known.join(', ')}`}, received ${received}.`,
    )
  if (negatives === undefined || negatives.kind === 'batch') return
  if ((negatives.logQ === undefined) !== (targetLogQ === undefined))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `The loss '${kind}' has logQ of ${targetLogQ === undefined ? 'its negatives' : 'its targets'} alone. Give both, or none.`,
    )
}
