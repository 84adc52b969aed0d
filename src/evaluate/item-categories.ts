import { RESERVED } from '../codes.ts'
import { checkSessions, type Sessions } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions, nearestWord } from '../options.ts'

/**
 * The code of a categorical feature of each item, as the last event of the sessions that knows one has it: [items], −1 where none does. For `beyond.categories` of `evaluateRanking`.
 * Throws `OPTION_INVALID`, and `OPTION_UNKNOWN` for a feature that the sessions do not have.
 */
export function itemCategories(
  sessions: Sessions,
  options: { readonly feature: string; readonly items: number },
): Int32Array {
  checkSessions('itemCategories', sessions)
  checkOptions('itemCategories', options, ['feature', 'items'])
  const { feature, items } = options
  checkNumber('itemCategories: items', items, { integer: true, min: 1 })
  const codes = categoricalFeature(sessions, feature, 'itemCategories')
  const found = new Int32Array(items).fill(-1)
  for (const [event, item] of sessions.items.entries())
    if (item >= RESERVED && item < items + RESERVED && codes[event]! >= RESERVED)
      found[item - RESERVED] = codes[event]!
  return found
}

/** The codes of a feature. Throws `OPTION_UNKNOWN` where it is none of the sessions, naming `who` asks. */
export function categoricalFeature({ categorical }: Sessions, feature: string, who: string): Int32Array {
  const codes = Object.hasOwn(categorical, feature) ? categorical[feature] : undefined
  if (codes !== undefined) return codes
  const known = Object.keys(categorical)
  const nearest = typeof feature === 'string' ? nearestWord(feature, known) : undefined
  throw new EnsuiteError(
    'OPTION_UNKNOWN',
    `${who}: the sessions have no categorical feature '${feature}'.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`} There are: ${known.join(', ') || 'none'}.`,
  )
}
