import { EnsuiteError } from '../errors.ts'
import { checkDifferent, checkNumber, checkOptions, checkTexts } from '../options.ts'

/** What makes an item's embedding beside a vector of its own. */
export interface ContentOptions {
  /** Features that say something of the item itself, such as its category or its price. */
  readonly features?: readonly string[]
  /** Vectors of the item, such as those of its text, by a name of their own: how many numbers each has. */
  readonly vectors?: Readonly<Record<string, number>>
  /** Widths of categorical features here; by the rule of `inputs.widths` unless given. */
  readonly widths?: Readonly<Record<string, number>>
  /** Sizes of hidden layers between these and the embedding, with ReLU; default none. */
  readonly hidden?: readonly number[]
  /** Probability that an item stands without its own vector in an update, as a new one does; default 0.5. */
  readonly dropout?: number
}

/** All options with their defaults; `widths` has none. */
export type SettledContent = Required<Omit<ContentOptions, 'widths'>> & Pick<ContentOptions, 'widths'>

/** All options with their defaults. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
export function settledContent(content: ContentOptions): SettledContent {
  checkOptions('inputs: content', content, ['features', 'vectors', 'widths', 'hidden', 'dropout'])
  const all: SettledContent = { features: [], vectors: {}, hidden: [], dropout: 0.5, ...content }
  checkTexts('inputs: content.features', all.features)
  checkDifferent('inputs: content.features', all.features)
  if (!(all.hidden instanceof Array)) throw refused('content.hidden is a list of sizes, such as [64].')
  checkNumber('inputs: content.dropout', all.dropout, { min: 0, below: 1 })
  const odd = Object.keys(all.widths ?? {}).find((name) => !all.features.includes(name))
  if (odd !== undefined)
    throw refused(`content.widths names '${odd}', which is none of content.features. Leave it out.`)
  if (all.features.length === 0 && Object.keys(all.vectors).length === 0)
    throw refused('content has neither features nor vectors. Name some of the item, or leave it out.')
  return all
}

/** Its sizes by name, to be checked as all others are. */
export const contentWidths = (content: SettledContent | undefined): Readonly<Record<string, number>> => ({
  ...Object.fromEntries((content?.hidden ?? []).map((width, at) => [`content.hidden[${at}]`, width])),
  ...Object.fromEntries(
    Object.entries(content?.widths ?? {}).map(([name, width]) => [`content.widths.${name}`, width]),
  ),
  ...Object.fromEntries(
    Object.entries(content?.vectors ?? {}).map(([name, width]) => [`content.vectors.${name}`, width]),
  ),
})

const refused = (message: string): EnsuiteError => new EnsuiteError('OPTION_INVALID', `inputs: ${message}`)
