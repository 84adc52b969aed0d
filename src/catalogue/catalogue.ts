import { EnsuiteError } from '../errors.ts'
import { checkOptions } from '../options.ts'
import { foldFilter, type VectorFilter } from '../vector-store/filter.ts'
import {
  checkAttributes,
  checkId,
  checkItem,
  checkTimes,
  type CatalogueItem,
  type ItemAttributeType,
  type ItemAttributeValue,
  type ItemTimes,
} from './catalogue-item.ts'
import { boundedCache } from './bounded-cache.ts'
import { columnOf, numberColumn, type Column } from './columns.ts'
import { filterMask, filterSchema } from './filter-mask.ts'
import { identities } from './identities.ts'
import { maskCache } from './mask-cache.ts'
import { checkPlainJson } from './plain-json.ts'

/** Which items can be had at an instant: 1 at their places. [size]. */
export interface Availability {
  readonly allowed: Uint8Array
  /** Another number wherever the items may be others. */
  readonly period: number
}

/** What may be shown: what can be had, and what filters are true of. */
export interface Admission {
  /** 1 at the places of items that may be shown, [size]; the caller may not change it. The same object while nothing of it changes. */
  readonly allowed: Uint8Array
  readonly count: number
  /** Of this moment: it is no longer true once the catalogue changes. */
  readonly admits: (item: string) => boolean
}

/** What a shop says of its items: changed as it happens, asked at every request. It owns no model, and may hold items that no model knows. */
export interface Catalogue {
  readonly attributes: Readonly<Record<string, ItemAttributeType>>
  readonly size: number
  /** Rises with every call that changes something. */
  readonly version: number
  /** Rises where items come or go, and with them their places. */
  readonly layout: number
  /** Throws what one of these would throw for items that do not fit, and changes nothing. */
  check(items: readonly CatalogueItem[], by: 'upsert' | 'change'): void
  /** Adds items; one whose id is there takes its place. All or none are taken: throws `OPTION_INVALID` for what does not fit, before anything is changed. */
  upsert(items: readonly CatalogueItem[]): void
  /** Changes what is given of items that are there, such as `available`; ids that are not there change nothing. */
  change(items: readonly CatalogueItem[]): void
  /** Takes items away; ids that are not there change nothing. */
  delete(items: readonly string[]): void
  get(item: string): CatalogueItem | undefined
  /** All that it holds, safe in JSON: what `catalogueFrom` takes. */
  snapshot(): CatalogueSnapshot
  /** Where an item is, from 0; -1 where it is not. Places hold until `layout` changes. */
  placeOf(item: string): number
  itemAt(place: number): string
  /** When the item at a place was added; NaN where it is not known. */
  addedAt(place: number): number
  /** The texts of an attribute that caps count an item under. */
  keysAt(attribute: string, place: number): readonly string[]
  /** Throws `OPTION_INVALID` for what is no filter of these attributes. */
  checkFilter(filter: unknown): asserts filter is VectorFilter
  /** Which items a filter is true of: 1 at their places, [size]; the caller may not change it. The same object for filters that differ in numbers between which no item lies, such as the time. Throws `OPTION_INVALID` for what is no filter of these attributes. */
  matching(filter: VectorFilter): Uint8Array
  /** Which items can be had at an instant, in milliseconds since 1970. */
  availableAt(now: number): Availability
  /** Which items may be shown at an instant: those that can be had then, and that all filters are true of. Throws what `matching` throws. */
  admitted(asked: { readonly now: number; readonly filters?: readonly VectorFilter[] }): Admission
}

export interface CatalogueSnapshot {
  readonly formatVersion: 1
  readonly attributes: Readonly<Record<string, ItemAttributeType>>
  readonly items: readonly CatalogueItem[]
}

/** So many filters are kept, a byte an item each. */
const MOST_FILTERS = 64
const MOST_ADMISSIONS = 32

/** An empty catalogue of these attributes. Throws `OPTION_INVALID` for types that are none, and names other than letters, digits, spaces, `.`, `_` and `-`. */
export function createCatalogue(
  options: {
    readonly attributes?: Readonly<Record<string, ItemAttributeType>>
  } = {},
): Catalogue {
  checkOptions('createCatalogue', options, ['attributes'])
  const attributes: unknown = options.attributes ?? {}
  checkAttributes(attributes)
  const columns = new Map<string, Column>(
    Object.entries(attributes).map(([name, type]) => [name, columnOf(type)]),
  )
  const available = numberColumn('boolean')
  const [from, until, added] = [numberColumn('number'), numberColumn('number'), numberColumn('number')]
  const all = [...columns.values(), available, from, until, added]
  const ids: string[] = []
  const places = new Map<string, number>()
  const admissions = boundedCache<Admission>(MOST_ADMISSIONS)
  const identity = identities()
  let [capacity, version, layout, period] = [0, 0, 0, 0]
  let latest: { readonly from: number; readonly until: number; readonly found: Availability } | undefined

  const changed = (): void => {
    version++
    latest = undefined
    filters.clear()
    admissions.clear()
  }
  const place = (item: string): number => {
    const known = places.get(item)
    if (known !== undefined) return known
    if (ids.length === capacity) {
      capacity = Math.max(64, 2 * capacity)
      for (const column of all) column.grow(capacity)
    }
    const at = ids.push(item) - 1
    places.set(item, at)
    layout++
    return at
  }
  const checked = (by: 'upsert' | 'change', items: readonly CatalogueItem[]): readonly CatalogueItem[] => {
    if (!Array.isArray(items))
      throw new EnsuiteError('OPTION_INVALID', `${by} expects a list of items, received ${typeof items}.`)
    /** As the items before in the list leave them. */
    const times = new Map<string, ItemTimes>()
    return items.map((each: unknown, at) => {
      const where = `${by}: items[${at}]`
      const item = checkItem(where, each, attributes)
      const before = by === 'upsert' ? ALWAYS : (times.get(item.item) ?? timesOf(item.item))
      const own = {
        from: item.from === undefined ? before.from : item.from,
        until: item.until === undefined ? before.until : item.until,
      }
      checkTimes(where, own)
      times.set(item.item, own)
      return item
    })
  }
  const timesOf = (item: string): ItemTimes => {
    const at = places.get(item)
    return at === undefined
      ? ALWAYS
      : { from: from.get(at) as number | null, until: until.get(at) as number | null }
  }
  const write = (at: number, item: CatalogueItem, whole: boolean): void => {
    const put = (
      column: Column,
      value: ItemAttributeValue | null | undefined,
      otherwise: ItemAttributeValue | null,
    ): void => {
      if (whole || value !== undefined) column.set(at, value === undefined ? otherwise : value)
    }
    for (const [name, column] of columns)
      put(
        column,
        item.attributes && Object.hasOwn(item.attributes, name) ? item.attributes[name] : undefined,
        null,
      )
    put(available, item.available, true)
    put(from, item.from, null)
    put(until, item.until, null)
    put(added, item.added, null)
  }
  const itemAt = (at: number): CatalogueItem => {
    const known = [...columns].flatMap(([name, column]) => {
      const value = column.get(at)
      return value === null ? [] : [[name, value] as const]
    })
    const times = { from, until, added }
    return {
      item: ids[at]!,
      ...(known.length > 0 && { attributes: Object.fromEntries(known) }),
      ...(available.get(at) === false && { available: false }),
      ...Object.fromEntries(
        Object.entries(times).flatMap(([name, column]) => {
          const value = column.get(at)
          return value === null ? [] : [[name, value] as const]
        }),
      ),
    }
  }
  const idColumn: Column = {
    ...columnOf('text'),
    equals: (values, out) => {
      out.fill(0)
      for (const value of values) {
        const at = places.get(value as string)
        if (at !== undefined) out[at] = 1
      }
    },
  }
  const filterColumn = (name: string): Column =>
    name === 'item' ? idColumn : name === 'added' ? added : columns.get(name)!
  const schema = filterSchema(attributes)
  const filters = maskCache(MOST_FILTERS, {
    schema,
    make: (filter) => filterMask(filter, { schema, column: filterColumn })(ids.length),
  })
  const matching = (filter: VectorFilter): Uint8Array => {
    checkPlainJson('filter', filter)
    return filters.get(filter)
  }

  const availableAt = (now: number): Availability => {
    if (latest !== undefined && now >= latest.from && now < latest.until) return latest.found
    const allowed = new Uint8Array(ids.length)
    let [since, next] = [-Infinity, Infinity]
    const [flags, starts, ends] = [available.numbers(), from.numbers(), until.numbers()]
    for (let at = 0; at < allowed.length; at++) {
      const [start, end] = [starts[at]!, ends[at]!]
      allowed[at] = +(flags[at] === 1 && !(start > now) && !(end <= now))
      // No comparison is true of what is not given.
      for (const turn of [start, end])
        if (turn > now) next = Math.min(next, turn)
        else if (turn <= now) since = Math.max(since, turn)
    }
    latest = { from: since, until: next, found: { allowed, period: period++ } }
    return latest.found
  }

  return Object.freeze<Catalogue>({
    attributes: Object.freeze({ ...attributes }),
    get size() {
      return ids.length
    },
    get version() {
      return version
    },
    get layout() {
      return layout
    },
    check: (items, by) => void checked(by, items),
    upsert: (items) => {
      for (const item of checked('upsert', items)) write(place(item.item), item, true)
      changed()
    },
    change: (items) => {
      for (const item of checked('change', items)) {
        const at = places.get(item.item)
        if (at !== undefined) write(at, item, false)
      }
      changed()
    },
    delete: (items) => {
      for (const [at, item] of items.entries()) checkId(`delete: items[${at}]`, item)
      for (const item of items) {
        const hole = places.get(item)
        if (hole === undefined) continue
        const last = ids.length - 1
        for (const column of all) {
          column.move(last, hole)
          column.set(last, null)
        }
        places.set(ids[last]!, hole)
        ids[hole] = ids[last]!
        ids.pop()
        places.delete(item)
        layout++
      }
      changed()
    },
    get: (item) => {
      const at = places.get(item)
      return at === undefined ? undefined : itemAt(at)
    },
    snapshot: () => ({
      formatVersion: 1,
      attributes: { ...attributes },
      items: ids.map((_, at) => itemAt(at)),
    }),
    placeOf: (item) => places.get(item) ?? -1,
    itemAt: (at) => ids[at]!,
    addedAt: (at) => added.numbers()[at] ?? NaN,
    keysAt: (attribute, at) => columns.get(attribute)?.keys(at) ?? [],
    checkFilter: (filter) => {
      checkPlainJson('filter', filter)
      foldFilter<null>(filter, schema, { all: nothing, any: nothing, not: nothing, compare: nothing })
    },
    matching,
    availableAt,
    admitted: ({ now, filters: own = [] }) => {
      const { allowed: had } = availableAt(now)
      const masks = own.map(matching)
      const key = [had, ...masks].map(identity).join(' ')
      return admissions.get(key, () => {
        const allowed = had.slice()
        let count = 0
        for (const mask of masks) for (let at = 0; at < allowed.length; at++) allowed[at]! &= mask[at]!
        for (const one of allowed) count += one
        return { allowed, count, admits: (item) => allowed[places.get(item) ?? -1] === 1 }
      })
    },
  })
}

const nothing = (): null => null
const ALWAYS: ItemTimes = { from: null, until: null }

/** The catalogue of a snapshot. Throws `OPTION_INVALID` for what is none. */
export function catalogueFrom(snapshot: CatalogueSnapshot): Catalogue {
  checkOptions('catalogueFrom', snapshot, ['formatVersion', 'attributes', 'items'])
  if ((snapshot.formatVersion as unknown) !== 1)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `catalogueFrom expects a snapshot of formatVersion 1, received ${String(snapshot.formatVersion)}. Give what snapshot() returned.`,
    )
  const catalogue = createCatalogue({ attributes: snapshot.attributes })
  catalogue.upsert(snapshot.items)
  return catalogue
}
