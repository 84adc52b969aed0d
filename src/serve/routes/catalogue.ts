import type { Answer } from '../api/schemas.ts'
import { catalogueOf } from '../catalogue-of.ts'
import { RequestProblem } from '../problems.ts'
import { route, type Route } from '../route.ts'
import type { ShopItem, UnknownItems } from '../shop.ts'

/** Bulk: some 10,000 items. */
const BULK_BYTES = 8 * 1024 * 1024

const shared = { listener: 'public', scope: 'write', bodyLimit: BULK_BYTES } as const

/** Changes count from the next answer on. */
export const catalogueRoutes: readonly Route[] = [
  route({
    name: 'readCatalogue',
    summary: 'How much the catalogue holds, and what it knows of items',
    listener: 'public',
    scope: 'read',
    handle: (_, { shop }) => {
      const { size, version, attributes } = catalogueOf(shop)
      return { size, version, attributes: { ...attributes } }
    },
  }),
  route({
    ...shared,
    name: 'upsertItems',
    summary: 'Adds items, or replaces them',
    handle: async ({ body }, { shop }) => {
      const catalogue = catalogueOf(shop)
      await shop.upsert(body.items as readonly ShopItem[])
      return { size: catalogue.size }
    },
  }),
  route({
    name: 'readItem',
    summary: 'What the catalogue has of an item',
    listener: 'public',
    scope: 'read',
    handle: ({ params }, { shop }) => {
      catalogueOf(shop)
      const found = shop.get(params.item)
      if (found === undefined) throw new RequestProblem('ITEM_UNKNOWN')
      return { available: true, ...found } as Answer<'readItem'>
    },
  }),
  route({
    ...shared,
    name: 'changeItems',
    summary: 'Changes what is given of items that are there, such as whether they can be had',
    handle: async ({ body }, { shop }) => {
      const catalogue = catalogueOf(shop)
      const unknown = toldOf(await shop.change(body.items))
      return { size: catalogue.size, unknown }
    },
  }),
  route({
    ...shared,
    name: 'removeItems',
    summary: 'Takes items away',
    handle: async ({ body }, { shop }) => {
      const catalogue = catalogueOf(shop)
      const unknown = toldOf(await shop.remove(body.items))
      return { size: catalogue.size, unknown }
    },
  }),
]

const toldOf = ({ count, items }: UnknownItems) => ({ count, items: [...items] })
