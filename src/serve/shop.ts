import {
  createCatalogue,
  recentPopularity,
  type Catalogue,
  type CatalogueItem,
  type ItemAttributeType,
  type RecentPopularity,
} from '../catalogue/index.ts'
import type { NewItem, Recommender } from '../recommend/index.ts'
import { checkRules, type Rules } from '../rules/index.ts'
import type { Load } from './deployment.ts'

export interface ShopSettings {
  /** What is known of items by these attributes: then nothing else is recommended than what the catalogue has. None unless given. */
  readonly catalogue?: { readonly attributes?: Readonly<Record<string, ItemAttributeType>> }
  /** Rules of every answer; those of a request take the place of those of the same name. */
  readonly rules?: Rules
}

/** An item of the catalogue, and what makes its embedding where models do not know it. */
export interface ShopItem extends CatalogueItem {
  /** The columns that `inputs.content` of the models read; see `addItems`. */
  readonly columns?: NewItem['columns']
  readonly vectors?: NewItem['vectors']
}

/** What a server keeps beside its models: what can be had, what is popular of late, and what models are to know of new items. */
export interface Shop {
  readonly catalogue: Catalogue | undefined
  readonly rules: Rules | undefined
  readonly popularity: RecentPopularity
  /** Adds items or replaces them, for the models that are loaded and for those that come. Rejects with what `addItems` and `upsert` reject with; the catalogue is as it was then. */
  upsert(items: readonly ShopItem[]): Promise<void>
  remove(items: readonly string[]): void
  /** Loads as `load` does, and tells what was loaded of the new items. */
  loading(load: Load): Load
}

/** Throws `OPTION_INVALID` and `OPTION_UNKNOWN` for settings that are none. */
export function createShop({ catalogue: settings, rules }: ShopSettings): Shop {
  const catalogue = settings && createCatalogue(settings)
  if (rules !== undefined) checkRules(rules, catalogue && { catalogue })
  /** By item; of those that a model has to be told of. */
  const told = new Map<string, NewItem>()
  const recommenders = new Set<Recommender>()

  const tell = async (recommender: Recommender, items: readonly NewItem[]): Promise<void> => {
    if (items.length === 0 || !recommender.takesNewItems) return
    const { itemColumn } = recommender
    await recommender.addItems(
      items.map(({ columns, ...rest }) => {
        const { [ITEM]: item, ...others } = columns
        return { columns: { ...others, [itemColumn]: item! }, ...rest }
      }),
    )
  }
  return {
    catalogue,
    rules,
    popularity: recentPopularity(),
    upsert: async (items) => {
      const fresh = items.flatMap(({ item, columns, vectors }): readonly NewItem[] =>
        columns === undefined && vectors === undefined
          ? []
          : [{ columns: { ...columns, [ITEM]: item }, ...(vectors && { vectors }) }],
      )
      for (const recommender of recommenders)
        await tell(recommender, fresh).catch((error: unknown) => {
          // One that was replaced meanwhile has nothing to be told.
          if ((error as { readonly code?: unknown }).code !== 'CLOSED') throw error
          recommenders.delete(recommender)
        })
      catalogue?.upsert(items.map(({ columns: _, vectors: __, ...item }) => item))
      for (const item of fresh) told.set(String(item.columns[ITEM]), item)
    },
    remove: (items) => {
      catalogue?.delete(items)
      for (const item of items) told.delete(item)
    },
    loading: (load) => async (folder) => {
      const recommender = await load(folder)
      // From now on it is told of what comes, too.
      recommenders.add(recommender)
      try {
        await tell(recommender, [...told.values()])
      } catch (error) {
        recommenders.delete(recommender)
        await recommender.close()
        throw error
      }
      return recommender
    },
  }
}

/** Where an item stands among its columns until it is known what a model calls it: no column of a log has this name. */
const ITEM = '\u0000item'
