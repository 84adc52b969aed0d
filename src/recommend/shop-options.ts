import type { Catalogue, RecentPopularity } from '../catalogue/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkBoolean, checkNumber } from '../options.ts'
import type { ItemVectors, Rules } from '../rules/index.ts'

/** What a shop adds to a request. Where one of these is given, items say where they come from, and the answer has an id. */
export interface ShopOptions {
  readonly rules?: Rules
  /** What there is: nothing else is recommended. It is read at each request, so that a change counts at once. */
  readonly catalogue?: Catalogue
  /** What items are alike by: for diversity, in place of the model's own vectors, and for sessions of items that the model does not know. */
  readonly vectors?: ItemVectors
  /** Items like those of the session, best first, where they were looked for elsewhere, such as in a vector store: in place of what `vectors` says for sessions without a known item. */
  readonly similar?: readonly { readonly item: string; readonly score: number }[]
  /** What is popular of late, for sessions without a known item. Default: what was popular in training. */
  readonly popularity?: RecentPopularity
  /** Milliseconds since 1970. Default: the clock's. */
  readonly now?: number
  /** By which what becomes of the answer can be told. Default: a random one. */
  readonly attribution?: string
  /** Whether the answer says what each rule did. Default false. */
  readonly dryRun?: boolean
}

export const shopOptionNames = [
  ...['rules', 'catalogue', 'vectors', 'similar', 'popularity'],
  ...['now', 'attribution', 'dryRun'],
] as readonly (keyof ShopOptions)[]

export const isOfShop = (options: ShopOptions): boolean =>
  shopOptionNames.some((name) => options[name] !== undefined)

/** Throws `OPTION_INVALID` for what is none of these; rules are checked where they are read. */
export function checkShopOptions(options: ShopOptions): void {
  const { catalogue, vectors, similar, popularity, now, attribution, dryRun } = options
  if (catalogue !== undefined && typeof (Object(catalogue) as Partial<Catalogue>).matching !== 'function')
    throw refused('catalogue', 'what createCatalogue gives')
  if (vectors !== undefined && typeof (vectors as unknown) !== 'function')
    throw refused('vectors', 'a function that gives the vector of an item')
  if (similar !== undefined && !isListOfScored(similar)) throw refused('similar', 'a list of { item, score }')
  if (
    popularity !== undefined &&
    typeof (Object(popularity) as Partial<RecentPopularity>).ranked !== 'function'
  )
    throw refused('popularity', 'what recentPopularity gives')
  if (now !== undefined) checkNumber('recommend: now', now, {})
  if (dryRun !== undefined) checkBoolean('recommend: dryRun', dryRun)
  if (attribution === undefined) return
  if (typeof (attribution as unknown) !== 'string' || !/^[\w.:-]{1,200}$/.test(attribution))
    throw refused('attribution', "an id of 1 to 200 letters, digits, '.', ':', '_' and '-'")
}

const refused = (name: string, expected: string): EnsuiteError =>
  new EnsuiteError('OPTION_INVALID', `recommend: ${name} expects ${expected}.`)

const isListOfScored = (similar: unknown): boolean =>
  Array.isArray(similar) &&
  similar.every((each: unknown) => {
    const { item, score } = Object(each) as { readonly item?: unknown; readonly score?: unknown }
    return typeof item === 'string' && Number.isFinite(score)
  })
