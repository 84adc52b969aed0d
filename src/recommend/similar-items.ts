import type { Catalogue } from '../catalogue/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkBoolean, checkNumber, checkOptions, checkTexts } from '../options.ts'
import type { VectorFilter } from '../vector-store/filter.ts'
import type { Event } from '../workflow/event-values.ts'
import type { WorkflowPast } from '../workflow/workflow-past.ts'
import type { RowScorer } from './batch-scorer.ts'
import type { SessionRow, Wanted } from './session-row.ts'
import type { ScoredColumns, shopViews } from './shop-view.ts'

/** What is looked for: items like one, or what is near the vector of a session. */
export type SimilarTo = { readonly item: string } | { readonly events: readonly Event[] }

export interface SimilarOptions {
  /** How many items, from 1 to 16,384. Default 10. */
  readonly k?: number
  /** Whether items of the session are left out; an item itself always is. Default true. */
  readonly excludeSeen?: boolean
  /** As `recommend` has it. */
  readonly past?: WorkflowPast
  /** What there is: nothing else is found. It is read at each call. */
  readonly catalogue?: Catalogue
  /** Over the attributes of the catalogue: nothing else is found. */
  readonly filter?: VectorFilter
  /** Items that are not found, by id. */
  readonly hide?: readonly string[]
  /** Milliseconds since 1970. Default: the clock's. */
  readonly now?: number
}

export interface SimilarItems {
  /** Best first, equal scores by the vocabulary's order; fewer than `k` where there are no more. A score is a cosine of items, and the model's own score of a session; of a baseline its own scores, after that item alone or after the session. */
  readonly items: readonly { readonly item: string; readonly score: number }[]
  /** Of a session: its vector, as `embed` gives it. None of artifacts before format version 4. */
  readonly vector?: Float32Array
}

export interface SimilarParts extends ScoredColumns {
  readonly scorer: Pick<RowScorer, 'score'>
  readonly columnOf: (item: string) => number | undefined
  /** Columns that are never answered: those that are taken out, and those without a name. */
  readonly hidden: () => readonly number[]
  readonly views: ReturnType<typeof shopViews>
  readonly sessionOf: (
    events: readonly Event[],
    past: WorkflowPast | undefined,
  ) => { readonly raw: readonly string[]; readonly read: SessionRow['inputs'] | undefined }
}

const MOST = 16_384

/** Items like others, by the model's own vectors: `Recommender.similar`. */
export function similarItems({
  scorer,
  columns,
  columnOf,
  itemAt,
  hidden,
  views,
  sessionOf,
}: SimilarParts): (to: SimilarTo, options: SimilarOptions) => Promise<SimilarItems | undefined> {
  const wanted = (k: number, seen: readonly number[], options: SimilarOptions): Wanted => {
    const { catalogue, filter, hide = [], now = Date.now() } = options
    const conditions = { filters: filter === undefined ? [] : [filter], boosts: [] }
    return {
      k: Math.min(k, columns()),
      saidOnly: true,
      excluded: Int32Array.from([...hidden(), ...seen, ...hide.flatMap((item) => columnOf(item) ?? [])]),
      ...(catalogue && { candidates: views(catalogue, conditions, now).candidates() }),
    }
  }
  return async (to, options) => {
    checkSimilar(to, options)
    if (columns() === 0)
      throw new EnsuiteError(
        'OPTION_INVALID',
        'similar: the model scores no items, and has no vectors of them that say which are alike. Train one with heads.nextItem().',
      )
    const { k = 10, excludeSeen = true, past } = options
    if ('item' in to) {
      const near = columnOf(to.item)
      if (near === undefined) return undefined
      const found = await scorer.score({ near, ...wanted(k, [near], options) })
      return found.silent === true ? undefined : { items: named(found) }
    }
    const { raw, read } = sessionOf(to.events, past)
    if (read === undefined) return undefined
    const seen = excludeSeen ? raw.flatMap((item) => columnOf(item) ?? []) : []
    const found = await scorer.score({ inputs: read, ...wanted(k, seen, options) })
    if (found.silent === true) return undefined
    return { items: named(found), ...(found.session && { vector: found.session }) }
  }

  function named(found: {
    readonly columns: Int32Array
    readonly scores: Float32Array
  }): SimilarItems['items'] {
    return Array.from(found.columns, (column, at) => ({ item: itemAt(column), score: found.scores[at]! }))
  }
}

function checkSimilar(to: SimilarTo, options: SimilarOptions): void {
  checkOptions('similar', options, ['k', 'excludeSeen', 'past', 'catalogue', 'filter', 'hide', 'now'])
  const { k, excludeSeen, catalogue, filter, hide, now } = options
  const { item, events } = Object(to) as { readonly item?: unknown; readonly events?: unknown }
  if ((item === undefined) === (events === undefined) || (item !== undefined && typeof item !== 'string'))
    throw refused('expects { item }, the id of one, or { events }, those of a session')
  if (k !== undefined) checkNumber('similar: k', k, { integer: true, min: 1, max: MOST })
  if (excludeSeen !== undefined) checkBoolean('similar: excludeSeen', excludeSeen)
  if (now !== undefined) checkNumber('similar: now', now, {})
  if (hide !== undefined) checkTexts('similar: hide', hide)
  if (catalogue !== undefined && typeof (Object(catalogue) as Partial<Catalogue>).matching !== 'function')
    throw refused('catalogue expects what createCatalogue gives')
  if (filter === undefined) return
  if (catalogue === undefined) throw refused('a filter is of the attributes of a catalogue. Give one, too')
  const own: Catalogue = catalogue
  own.checkFilter(filter)
}

const refused = (why: string): EnsuiteError => new EnsuiteError('OPTION_INVALID', `similar: ${why}.`)
