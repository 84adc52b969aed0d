import { EnsuiteError } from '../errors.ts'
import { checkNumber } from '../options.ts'
import type { Scorer } from '../baselines/scorer.ts'

export interface RankingSizes {
  readonly items: number
  readonly maxLength: number
}

/**
 * How many items a scorer ranks and how many events it is shown: as it says itself, or as the caller does.
 * Throws `OPTION_INVALID` where neither does, and where the caller contradicts the scorer.
 */
export function rankingSizes({ name, ...own }: Scorer, asked: Partial<RankingSizes>): RankingSizes {
  const items = settled('items', own.items, asked.items)
  const maxLength = settled(
    'maxLength',
    own.maxLength ?? (own.wholeSessions ? (asked.maxLength ?? 1) : undefined),
    asked.maxLength,
  )
  if (own.items !== undefined && items !== own.items)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `items of evaluateRanking is ${items}, and the scorer '${name}' scores ${own.items}. Leave it out, or give sessions of the workflow that the scorer was made with.`,
    )
  if (own.maxLength !== undefined && maxLength > own.maxLength)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `maxLength of evaluateRanking is ${maxLength}, and the scorer '${name}' reads ${own.maxLength} events at most. Leave it out, or give ${own.maxLength} or fewer.`,
    )
  return { items, maxLength }
}

function settled(option: keyof RankingSizes, own: number | undefined, asked: number | undefined): number {
  const size = asked ?? own
  if (size === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `evaluateRanking expects ${option}, which this scorer does not say. Give it as an option${advice[option]}.`,
    )
  checkNumber(`${option} of evaluateRanking`, size, { integer: true, min: 1 })
  return size
}

const advice = {
  items: ', the size of the catalogue: schema.items less the two reserved codes',
  maxLength: ', how many of the last events are shown',
} as const
