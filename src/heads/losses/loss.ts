import { EnsuiteError } from '../../errors.ts'
import { cast, type Tensor } from '../../graph/index.ts'
import { checkNumber, checkOptions } from '../../options.ts'

/**
 * Where the negatives of a label come from:
 * - `shared`: drawn once for the whole batch;
 * - `each`: drawn for each label;
 * - `batch`: the targets of the other labels of the batch;
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
  /** Indexed by code: [items]. */
  readonly bias?: Tensor
  /** Codes, never reserved ones: [labels] int32. */
  readonly targets: Tensor
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

/** Divides every score; above 0, default 1. */
export const temperature: NumberOption = { default: 1, above: 0 }

/** One loss of the next item, as data. A new one is a file and a line in the table `losses`. */
export interface NextItemLoss<Name extends string = string> {
  readonly kind: string
  /** What it can be given, the paper's choice first; none for a loss over the whole catalogue. */
  readonly negatives: readonly NegativesKind[]
  readonly options: Readonly<Record<Name, NumberOption>>
  /** All options, with defaults. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
  resolve(options: Partial<Readonly<Record<Name, number>>>): Readonly<Record<Name, number>>
  /**
   * A value a label, in nats: [labels]. The table is read by `gather` alone where there are negatives, so that its gradient is rows only.
   * Throws `OPTION_INVALID` for negatives of a kind that it does not take.
   */
  loss(inputs: LossInputs, options?: Partial<Readonly<Record<Name, number>>>): Tensor
}

interface Definition<Name extends string, Inputs> extends Pick<
  NextItemLoss<Name>,
  'kind' | 'negatives' | 'options'
> {
  /** Gets checked inputs and all options. */
  readonly build: (inputs: Inputs, options: Readonly<Record<Name, number>>) => Tensor
}

/** Makes the record of a loss that takes negatives. */
export function defineSampledLoss<Name extends string>(
  own: Definition<Name, SampledInputs>,
): NextItemLoss<Name> {
  return defineLoss({ ...own, build: (inputs, options) => own.build(inputs as SampledInputs, options) })
}

/** Makes the record of a loss from what is its own. */
export function defineLoss<Name extends string>(own: Definition<Name, LossInputs>): NextItemLoss<Name> {
  const { kind, negatives, options, build } = own
  const names = Object.keys(options) as Name[]
  const resolve = (given: Partial<Readonly<Record<Name, number>>>): Readonly<Record<Name, number>> => {
    checkOptions(`The loss '${kind}'`, given, names)
    const values = names.map((name): readonly [Name, number] => {
      const { default: usual, ...range }: NumberOption = options[name]
      const value = given[name] ?? usual
      checkNumber(`The loss '${kind}': ${name}`, value, range)
      return [name, value]
    })
    return Object.freeze(Object.fromEntries(values)) as Readonly<Record<Name, number>>
  }
  return Object.freeze({
    kind,
    negatives: Object.freeze(negatives),
    options,
    resolve,
    loss: (inputs: LossInputs, given: Partial<Readonly<Record<Name, number>>> = {}) => {
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
