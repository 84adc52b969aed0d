import { resolve } from 'node:path'
import {
  checkId,
  createCatalogue,
  type Catalogue,
  type CatalogueItem,
  type ItemAttributeType,
  type RecentPopularity,
} from '../catalogue/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { NewItem, Recommender } from '../recommend/index.ts'
import { checkRules, type Rules } from '../rules/index.ts'
import { MOST_UNKNOWN } from './api/catalogue-schemas.ts'
import { openCatalogueFolder, type CatalogueChange, type CatalogueSeams } from './catalogue-folder.ts'
import type { Load } from './deployment.ts'
import { hasVectors } from './has-vectors.ts'
import { inTurn } from './in-turn.ts'
import { openPopularity, type PopularitySettings } from './live-popularity.ts'
import type { ServerLog } from './log.ts'

export interface CatalogueSettings {
  readonly attributes?: Readonly<Record<string, ItemAttributeType>>
  /** Where it is kept beyond this process. It is in memory alone unless given. */
  readonly folder?: string
}

export interface ShopSettings {
  /** What is known of items by these attributes: then nothing else is recommended than what the catalogue has. None unless given. */
  readonly catalogue?: CatalogueSettings
  readonly popularity?: PopularitySettings
  /** Rules of every answer; those of a request take the place of those of the same name. */
  readonly rules?: Rules
}

/** An item of the catalogue, and what makes its embedding where models do not know it. */
export interface ShopItem extends CatalogueItem {
  /** The columns that `inputs.content` of the models read; see `addItems`. */
  readonly columns?: NewItem['columns']
  readonly vectors?: NewItem['vectors']
}

/** Items of a request that the catalogue does not have: how many, and the first `MOST_UNKNOWN` of them. */
export interface UnknownItems {
  readonly count: number
  readonly items: readonly string[]
}

/** What a server keeps beside its models: what can be had, what is popular of late, and what models are to know of new items. */
export interface Shop {
  readonly catalogue: Catalogue | undefined
  readonly rules: Rules | undefined
  /** Of the items that the catalogue has or a model knows; others are not counted. */
  readonly popularity: RecentPopularity
  /** Milliseconds since 1970: by which it is told what can be had, which rules are in force and what is of late. Whatever is measured goes by `Parts.now`, which never goes back. */
  readonly time: () => number
  /**
   * Adds items or replaces them, for the models that are loaded and for those that come. Rejects with what `addItems` and `upsert` reject with, and with `FILE_UNWRITABLE` where it cannot be kept:
   * the catalogue and the models are as they were then.
   */
  upsert(items: readonly ShopItem[]): Promise<void>
  /** As `catalogue.change`; rejects as `upsert` does. */
  change(items: readonly CatalogueItem[]): Promise<UnknownItems>
  remove(items: readonly string[]): Promise<UnknownItems>
  /** An item as it was sent, with what is known of it for models; undefined where the catalogue does not have it. */
  get(item: string): ShopItem | undefined
  /** Loads as `load` does, and tells what was loaded of the new items. Rejects with `OPTION_INVALID` for a baseline where a rule of the server needs vectors: it could answer nothing. */
  loading(load: Load): Load
  /** Ends what keeps the catalogue, after the changes that were made before. */
  close(): Promise<void>
}

export interface ShopParts {
  readonly log: Pick<ServerLog, 'info' | 'warn'>
  readonly time: () => number
  /** For tests. */
  readonly seams?: CatalogueSeams | undefined
}

/** Throws `OPTION_INVALID` and `OPTION_UNKNOWN` for settings that are none, and what `openCatalogueFolder` throws. */
export async function openShop(
  { catalogue: settings, rules, popularity: counting }: ShopSettings,
  { log, time, seams }: ShopParts,
): Promise<Shop> {
  const { folder, ...own } = settings ?? {}
  if (folder !== undefined && (typeof (folder as unknown) !== 'string' || folder === ''))
    throw new EnsuiteError('OPTION_INVALID', 'serve: catalogue.folder should be the path of a folder.')
  const catalogue = settings && createCatalogue(own)
  if (rules !== undefined) checkRules(rules, catalogue && { catalogue })
  /** By item; of those that a model has to be told of. */
  const told = new Map<string, NewItem>()
  const recommenders = new Set<Recommender>()
  const turn = inTurn()

  const apply = (change: CatalogueChange): void => {
    if ('upsert' in change) {
      catalogue!.upsert(change.upsert.map(({ columns: _, vectors: __, ...item }) => item))
      for (const item of newItemsOf(change.upsert)) told.set(String(item.columns[ITEM]), item)
    } else if ('change' in change) catalogue!.change(change.change)
    else {
      catalogue!.delete(change.remove)
      for (const item of change.remove) told.delete(item)
    }
  }
  const get = (id: string): ShopItem | undefined => {
    const item = catalogue!.get(id)
    if (item === undefined) return undefined
    const { columns, vectors } = told.get(id) ?? {}
    const { [ITEM]: _, ...others } = columns ?? {}
    return { ...item, ...(columns && { columns: others }), ...(vectors && { vectors }) }
  }
  const contents = function* (): Generator<ShopItem> {
    for (let place = 0; place < catalogue!.size; place++) yield get(catalogue!.itemAt(place))!
  }
  const kept =
    catalogue && folder !== undefined
      ? await openCatalogueFolder(resolve(folder), {
          attributes: catalogue.attributes,
          apply,
          contents,
          warn: log.warn,
          ...(seams && { seams }),
        })
      : undefined
  if (kept !== undefined) log.info('catalogue read', { items: catalogue!.size })

  const popularity = await openPopularity({
    settings: counting,
    folder: kept && resolve(folder!),
    isKnown: (item) =>
      (catalogue !== undefined && catalogue.placeOf(item) >= 0) ||
      [...recommenders].some((recommender) => recommender.knows(item)),
    ...{ time, log, saveMs: seams?.savePopularityMs },
  }).catch(async (error: unknown) => {
    await kept?.close()
    throw error
  })

  /** On disk first, then here: so that what was answered is there after whatever happens, and what is not there was not answered. */
  const make = async (change: CatalogueChange): Promise<void> => {
    await kept?.append(change)
    apply(change)
    if (kept?.isLong() === true)
      void turn(() => kept.rewrite()).catch((error: unknown) => {
        log.warn('the log of the catalogue could not be written anew, and goes on', { err: error })
      })
  }
  /** A change of those that are there, and what is told of the others; nothing is written where all are unknown. */
  const makeOfKnown = async <Item>(
    items: readonly Item[],
    {
      idOf,
      change,
    }: {
      readonly idOf: (item: Item) => string
      readonly change: (known: readonly Item[]) => CatalogueChange
    },
  ): Promise<UnknownItems> => {
    const isKnown = (item: Item): boolean => catalogue!.placeOf(idOf(item)) >= 0
    const unknown = [...new Set(items.filter((item) => !isKnown(item)).map(idOf))]
    const known = items.filter(isKnown)
    if (known.length > 0) await make(change(known))
    return { count: unknown.length, items: unknown.slice(0, MOST_UNKNOWN) }
  }
  return {
    catalogue,
    rules,
    time,
    popularity,
    get,
    upsert: (items) =>
      turn(async () => {
        catalogue!.check(
          items.map(({ columns: _, vectors: __, ...item }) => item),
          'upsert',
        )
        const fresh = newItemsOf(items)
        checkVectors(fresh, recommenders)
        const adding: (() => void)[] = []
        for (const recommender of recommenders)
          await prepared(recommender, fresh).then(
            (add) => adding.push(add),
            (error: unknown) => {
              // One that was replaced meanwhile has nothing to be told.
              if ((error as { readonly code?: unknown }).code !== 'CLOSED') throw error
              recommenders.delete(recommender)
            },
          )
        await make({ upsert: items })
        for (const add of adding) add()
      }),
    change: (items) =>
      turn(() => {
        catalogue!.check(items, 'change')
        return makeOfKnown(items, { idOf: ({ item }) => item, change: (known) => ({ change: known }) })
      }),
    remove: (items) =>
      turn(() => {
        for (const [at, item] of items.entries()) checkId(`removals: items[${at}]`, item)
        return makeOfKnown(items, { idOf: (item) => item, change: (known) => ({ remove: known }) })
      }),
    loading: (load) => async (from) => {
      const recommender = await load(from)
      try {
        checkFits(recommender, rules)
        await turn(async () => {
          // What was kept was for the models of then: one of now is not refused for it.
          const { left, reason } = await addTaken(recommender, [...told.values()])
          if (left > 0)
            log.warn('a model does not take all new items of the catalogue: it does not recommend those', {
              ...{ folder: from, items: left, first: reason },
            })
          // From now on it is told of what comes, too.
          recommenders.add(recommender)
        })
      } catch (error) {
        await recommender.close()
        throw error
      }
      const close = (): Promise<void> => {
        recommenders.delete(recommender)
        return recommender.close()
      }
      return { ...recommender, close }
    },
    close: () =>
      turn(async () => {
        await popularity.close()
        await kept?.close()
      }),
  }
}

const newItemsOf = (items: readonly ShopItem[]): readonly NewItem[] =>
  items.flatMap(({ item, columns, vectors }): readonly NewItem[] =>
    columns === undefined && vectors === undefined
      ? []
      : [{ columns: { ...columns, [ITEM]: item }, ...(vectors && { vectors }) }],
  )

/** Where an item stands among its columns until it is known what a model calls it: no column of a log has this name. */
const ITEM = '\u0000item'

/** What adds the items to a recommender, with the vectors that its model takes. */
async function prepared(recommender: Recommender, items: readonly NewItem[]): Promise<() => void> {
  if (items.length === 0 || !recommender.takesNewItems) return () => undefined
  const { itemColumn, contentVectors } = recommender
  return recommender.prepareItems(
    items.map(({ columns, vectors = {} }) => {
      const { [ITEM]: item, ...others } = columns
      const own = Object.entries(vectors).filter(([name]) => contentVectors.includes(name))
      return { columns: { ...others, [itemColumn]: item! }, vectors: Object.fromEntries(own) }
    }),
  )
}

/** What a model says of items that it does not take. */
const refusals: readonly unknown[] = ['OPTION_INVALID', 'SHAPE_MISMATCH', 'COLUMN_INVALID', 'COLUMN_MISSING']

/** Adds the items that a model takes; how many it does not, and what it says of the first of them. */
async function addTaken(
  recommender: Recommender,
  items: readonly NewItem[],
): Promise<{ readonly left: number; readonly reason?: string }> {
  try {
    const add = await prepared(recommender, items)
    add()
    return { left: 0 }
  } catch (error) {
    if (!refusals.includes((error as { readonly code?: unknown }).code)) throw error
    if (items.length === 1) return { left: 1, reason: (error as Error).message }
  }
  const middle = Math.ceil(items.length / 2)
  const first = await addTaken(recommender, items.slice(0, middle))
  const second = await addTaken(recommender, items.slice(middle))
  const reason = first.reason ?? second.reason
  return { left: first.left + second.left, ...(reason !== undefined && { reason }) }
}

/** Throws `OPTION_INVALID` for vectors that no model takes: whoever sends them expects that they count. */
function checkVectors(items: readonly NewItem[], recommenders: Iterable<Recommender>): void {
  const taking = [...recommenders].filter(({ takesNewItems }) => takesNewItems)
  if (taking.length === 0) return
  const known = new Set(taking.flatMap(({ contentVectors }) => contentVectors))
  for (const { columns, vectors = {} } of items) {
    const odd = Object.keys(vectors).find((name) => !known.has(name))
    if (odd !== undefined)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `Item '${String(columns[ITEM])}' has vectors '${odd.slice(0, 50)}', and the models take ${[...known].join(', ') || 'none'}. Leave them out.`,
      )
  }
}

function checkFits(recommender: Recommender, rules: Rules | undefined): void {
  if (hasVectors(recommender) || (rules?.diversity?.weight ?? 0) === 0) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    'The rules of the server compare vectors of items (diversity), and a baseline has none. Leave diversity to requests of models, or load a model.',
  )
}
