import type { Served } from '../artifact/index.ts'
import { RESERVED, UNKNOWN } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { ownValue } from '../own-value.ts'
import { encodedInputs } from '../workflow/model-inputs.ts'
import type { Event } from '../workflow/event-values.ts'
import type { FittedWorkflow } from '../workflow/fitted-workflow.ts'
import { definitionColumns } from '../workflow/definition-columns.ts'
import { streamOperators, type WorkflowPast } from '../workflow/workflow-past.ts'
import type { AddedItems } from './added-items.ts'
import { noVectors } from './baseline-engine.ts'
import { closedError, type RowScorer } from './batch-scorer.ts'
import { graphInputs } from './graph-inputs.ts'
import { newItems, type NewItem } from './new-items.ts'
import { popularItems } from './popular-items.ts'
import { namePredictions } from './predictions.ts'
import type { SessionRow } from './session-row.ts'
import { createShop } from './shop.ts'
import { isOfShop, shopOptionNames } from './shop-options.ts'
import { shopViews } from './shop-view.ts'
import { similarItems } from './similar-items.ts'
import type { Recommendations, RecommendedItem, Recommender, RecommendOptions } from './recommender.ts'

export interface RecommenderParts {
  readonly added: AddedItems
  readonly workflow: FittedWorkflow
  readonly maxLength: number
  readonly served: Served
  readonly scorer: RowScorer
}

/** A recommender over anything that scores; it needs nothing of Node. */
export function createRecommender({
  workflow,
  maxLength,
  served,
  added,
  scorer,
}: RecommenderParts): Recommender {
  const itemColumn = workflow.itemColumn!
  const vocabulary = workflow.vocabulary(workflow.definition.item!)
  const { items, heads } = served
  const { timeColumn = 'time' } = workflow
  const popular = items === 0 ? [] : popularItems(vocabulary)
  const named = namePredictions(served, workflow)
  /** Columns of scores that are taken out. */
  const removed = new Set<number>()
  /** Buckets of unknown values have columns, and no names. */
  const buckets = Math.max(0, items - vocabulary.values.length)
  const scored = {
    columns: () => (items === 0 ? 0 : items + added.count),
    itemAt: (column: number) => (column < buckets ? '' : itemAt(column)),
  }
  const hasVectors = items === 0 || served.dimensions > 0
  const views = shopViews(scored)
  const shop = createShop({
    ...scored,
    popular,
    removed,
    columnOf: (item) => columnOf(item) ?? -1,
    views,
    ...(hasVectors && {
      vectorsOf: async (columns: Int32Array) =>
        (await scorer.score({ vectorsOf: columns, excluded: new Int32Array(0), k: 0 })).vectors!,
    }),
  })
  let closed = false

  /** The column of scores that an item has; undefined where it has none. */
  const columnOf = (item: string): number | undefined => {
    const code = vocabulary.encode(item)
    if (code !== UNKNOWN) return code - RESERVED
    const place = added.placeOf(item)
    return place === undefined ? undefined : items + place
  }
  const codeOf = (item: string): number => {
    const column = columnOf(item)
    return column === undefined ? UNKNOWN : column + RESERVED
  }
  /** The most popular items, without what is removed and what is not wanted. */
  const mostPopular = (k: number, hidden: readonly string[]): Recommendations['items'] => {
    const without = new Set(hidden)
    const found: RecommendedItem[] = []
    for (const each of popular) {
      if (found.length === k) break
      if (!without.has(each.item) && !removed.has(columnOf(each.item)!)) found.push(each)
    }
    return found
  }
  const itemAt = (column: number): string =>
    column < items ? vocabulary.decode(column + RESERVED) : added.itemAt(column - items)

  /** What is read of the events of a session: what the graph takes of the latest known ones, if there are some. */
  const sessionOf = (events: readonly Event[], past: WorkflowPast | undefined) => {
    checkEvents(events)
    const encoded = workflow.encode(events, past && { past })
    const inputs = encodedInputs(workflow.definition, encoded)
    const codes = inputs.items.map((code, at) =>
      code === UNKNOWN ? codeOf(String(events[encoded.events[at]!]![itemColumn])) : code,
    )
    if (closed) throw closedError()
    const latest = Int32Array.from(codes.keys())
      .filter((at) => codes[at] !== UNKNOWN)
      .slice(-maxLength)
    return {
      // What the session has seen, also where the workflow leaves events out.
      raw: events.flatMap((event) => ownValue(event, itemColumn) ?? []).map(String),
      read:
        latest.length === 0
          ? undefined
          : graphInputs({ ...inputs, items: codes }, latest, { served, timeColumn }),
    }
  }
  const recommend = async (events: readonly Event[], options: RecommendOptions): Promise<Recommendations> => {
    checkOptions('recommend', options, ['k', 'excludeSeen', 'past', ...shopOptionNames])
    if (items === 0) checkItemOptions(options, served)
    const { k = Math.min(10, items), excludeSeen = true, past } = options
    if (items > 0) checkNumber('recommend: k', k, { integer: true, min: 1, max: items + added.count })
    if (typeof excludeSeen !== 'boolean')
      throw new EnsuiteError(
        'OPTION_INVALID',
        `recommend: excludeSeen must be true or false, received ${String(excludeSeen)}.`,
      )
    const { raw, read } = sessionOf(events, past)
    const unknown = [...new Set(raw.filter((item) => columnOf(item) === undefined))]
    if (isOfShop(options)) {
      const score = read && ((ask: Omit<SessionRow, 'inputs'>) => scorer.score({ ...ask, inputs: read }))
      const {
        predictions,
        silent = false,
        ...answer
      } = await shop(options, { k, excludeSeen, session: raw, score })
      return {
        ...answer,
        unknown,
        ...((read === undefined || silent) && { fallback: fallbackOf(answer.items) }),
        ...(predictions && heads.length > 0 && { predictions: named(predictions) }),
      }
    }
    if (read === undefined)
      return {
        items: mostPopular(k, excludeSeen ? raw : []),
        unknown,
        ...(items > 0 && { fallback: 'popularity' as const }),
      }
    const seen = excludeSeen ? raw.flatMap((item) => columnOf(item) ?? []) : []
    const {
      columns,
      scores,
      predictions,
      silent = false,
    } = await scorer.score({
      inputs: read,
      excluded: Int32Array.from(items > 0 ? [...seen, ...removed] : []),
      k,
    })
    if (silent)
      return {
        items: mostPopular(k, excludeSeen ? raw : []),
        unknown,
        fallback: 'popularity',
      }
    const recommended = Array.from(columns, (column, at): RecommendedItem => ({
      item: itemAt(column),
      score: scores[at]!,
      // Equal ones come in the order of the vocabulary, the most frequent first.
      ...(served.silentAtZero === true && scores[at] === 0 && { source: 'popular' }),
    }))
    return { items: recommended, unknown, ...(heads.length > 0 && { predictions: named(predictions) }) }
  }
  const embed = async (
    events: readonly Event[],
    options: Pick<RecommendOptions, 'past'>,
  ): Promise<Float32Array | undefined> => {
    checkOptions('embed', options, ['past'])
    if (!hasVectors) throw noVectors('sessions')
    const { read } = sessionOf(events, options.past)
    if (read === undefined) return undefined
    const { session } = await scorer.score({ inputs: read, excluded: new Int32Array(0), k: 0 })
    if (session !== undefined) return session
    throw new EnsuiteError(
      'ARTIFACT_INVALID',
      'The graph of this artifact gives no vectors of sessions: it scores no items, or was saved before format version 4. Save it again with this version.',
    )
  }
  const similar = similarItems({
    ...scored,
    scorer,
    views,
    sessionOf,
    columnOf,
    hidden: () => [...Array(buckets).keys(), ...removed],
  })
  /** Calls that are not answered yet; one may ask the scorer several times. */
  const underWay = new Set<Promise<unknown>>()
  const answering = <Answer>(call: Promise<Answer>): Promise<Answer> => {
    underWay.add(call)
    const done = (): void => void underWay.delete(call)
    call.then(done, done)
    return call
  }
  const prepareItems = async (given: readonly NewItem[]): Promise<() => void> => {
    const { fresh, all, columns } = newItems(given, {
      workflow,
      served,
      isKnown: (item) => vocabulary.encode(item) !== UNKNOWN,
    })
    if (closed) throw closedError()
    const vectors = fresh.length === 0 ? undefined : await scorer.embed(columns)
    added.checkRoom(fresh)
    return () => {
      if (vectors !== undefined) added.put(fresh, vectors)
      for (const item of all) removed.delete(columnOf(item)!)
    }
  }
  return Object.freeze<Recommender>({
    itemColumn,
    columns: [...new Set(definitionColumns(workflow.definition).map(({ name }) => name))],
    timeColumn: workflow.timeColumn,
    items,
    dimensions: served.dimensions,
    heads: heads.map(({ name }) => name),
    maxLength,
    takesNewItems: served.content !== undefined,
    contentVectors: Object.keys(served.content?.vectors ?? {}),
    needsPast: streamOperators(workflow.definition).length > 0,
    createPast: () => workflow.createPast(),
    readPast: (source) => workflow.readPast(source),
    recommend: (events, options = {}) => answering(recommend(events, options)),
    embed: (events, options = {}) => answering(embed(events, options)),
    similar: (to, options = {}) => answering(similar(to, options)),
    checkEvent: (event) => {
      workflow.checkEvent(event)
    },
    knows: (item) => items > 0 && columnOf(item) !== undefined,
    isRemoved: (item) => removed.has(columnOf(item) ?? -1),
    addItems: async (given) => {
      const add = await prepareItems(given)
      add()
    },
    prepareItems,
    removeItems: (given) => {
      const columns = given.map((item) => {
        const id: unknown = item
        const column = typeof id === 'string' ? columnOf(id) : undefined
        if (column !== undefined) return column
        throw new EnsuiteError(
          'OPTION_INVALID',
          `removeItems: there is no item '${String(id).slice(0, 100)}'. Leave it out.`,
        )
      })
      for (const column of columns) removed.add(column)
    },
    close: async () => {
      closed = true
      await Promise.allSettled(underWay)
      await scorer.close()
    },
  })
}

/** What stands in, of an answer that the model had nothing to go by for. */
const fallbackOf = (items: readonly RecommendedItem[]): NonNullable<Recommendations['fallback']> =>
  items.some(({ source }) => source === 'similar') ? 'similar' : 'popularity'

/** Throws `OPTION_INVALID` for what says which items are wanted of a model that scores none. */
function checkItemOptions(options: RecommendOptions, { heads }: Served): void {
  const given = (['k', 'excludeSeen'] as const).find((name) => options[name] !== undefined)
  if (given !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `recommend: '${given}' is of items, and the model scores none: it predicts ${heads.map(({ name }) => name).join(', ')}. Leave it out.`,
    )
}

function checkEvents(events: readonly unknown[]): void {
  if (!Array.isArray(events))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `recommend expects a list of events, oldest first, received ${typeof events}.`,
    )
  const wrong = events.findIndex(
    (event) => typeof event !== 'object' || event === null || Array.isArray(event),
  )
  if (wrong !== -1)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `Event ${wrong} of ${events.length} (counted from 0) should be an object of values by column, and is not.`,
    )
}
