import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { VectorFilter } from '../vector-store/filter.ts'
import { catalogueFrom, createCatalogue, type Catalogue, type CatalogueItem } from './index.ts'

const ids = Array.from('klmnopqrstuvwxyz')
const attributes = { brand: 'text', price: 'number', sale: 'boolean', tags: 'texts' } as const
const coded = (code: string): Error => expect.objectContaining({ code }) as Error

const value = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null })
const someText = fc.constantFrom('a', 'b', 'c', '')
const someItem = fc.record({
  item: fc.constantFrom(...ids),
  attributes: fc.record({
    brand: value(someText),
    price: value(fc.constantFrom(-1, 0, 0.5, 3)),
    sale: value(fc.boolean()),
    tags: value(fc.array(someText, { maxLength: 3 })),
  }),
})
const numbers = fc.constantFrom(-1, 0, 0.5, 3)
const leaf: fc.Arbitrary<VectorFilter> = fc.oneof(
  fc.record({ attribute: fc.constantFrom('brand', 'tags'), is: someText }),
  fc.record({ attribute: fc.constantFrom('brand', 'tags'), in: fc.array(someText, { maxLength: 3 }) }),
  fc.record({ attribute: fc.constant('item'), in: fc.array(fc.constantFrom('k', 'z', 'nowhere')) }),
  fc.record({ attribute: fc.constant('sale'), is: fc.boolean() }),
  fc.record({ attribute: fc.constant('price'), in: fc.array(numbers, { maxLength: 3 }) }),
  ...(['is', 'above', 'atLeast', 'below', 'atMost'] as const).map((by) =>
    numbers.map((bound) => ({ attribute: 'price', [by]: bound }) as unknown as VectorFilter),
  ),
)
const { filter: someFilter } = fc.letrec<{ filter: VectorFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.record({ all: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ not: tie('filter') }),
  ),
}))

/** What a filter says of an item, as it is read aloud. */
function isTrue(filter: VectorFilter, { item, attributes = {} }: CatalogueItem): boolean {
  if ('all' in filter) return filter.all.every((each) => isTrue(each, { item, attributes }))
  if ('any' in filter) return filter.any.some((each) => isTrue(each, { item, attributes }))
  if ('not' in filter) return !isTrue(filter.not, { item, attributes })
  const own = filter.attribute === 'item' ? item : (attributes[filter.attribute] ?? null)
  if (own === null) return false
  const values = (Array.isArray(own) ? own : [own]) as readonly unknown[]
  if ('is' in filter) return values.includes(filter.is)
  if ('in' in filter) return values.some((each) => (filter.in as readonly unknown[]).includes(each))
  const number = own as number
  if ('above' in filter) return number > filter.above
  if ('atLeast' in filter) return number >= filter.atLeast
  return 'below' in filter ? number < filter.below : number <= filter.atMost
}

test('a filter is true of what it says, whatever came, went and changed before', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.array(someItem, { maxLength: 12 }), fc.array(fc.constantFrom(...ids)))),
      someFilter,
      (calls, filter) => {
        const catalogue = createCatalogue({ attributes })
        const expected = new Map<string, CatalogueItem>()
        for (const call of calls) {
          if (call.every((each) => typeof each === 'string')) {
            catalogue.delete(call)
            for (const item of call) expected.delete(item)
          } else {
            catalogue.upsert(call)
            for (const item of call as readonly CatalogueItem[]) expected.set(item.item, item)
          }
        }
        const mask = catalogue.matching(filter)
        expect(mask).toHaveLength(expected.size)
        const found = [...mask.keys()].filter((at) => mask[at] === 1).map((at) => catalogue.itemAt(at))
        expect(found.sort()).toEqual(
          [...expected.values()]
            .filter((each) => isTrue(filter, each))
            .map(({ item }) => item)
            .sort(),
        )
        const again = catalogueFrom(JSON.parse(JSON.stringify(catalogue.snapshot())) as never)
        expect(again.snapshot()).toEqual(catalogue.snapshot())
      },
    ),
    { numRuns: 300 },
  )
})

test('a filter is computed once a version', () => {
  const catalogue = createCatalogue({ attributes })
  catalogue.upsert([{ item: 'k', attributes: { brand: 'a' } }])
  const filter = { attribute: 'brand', is: 'a' }
  const before = catalogue.matching(filter)
  expect(catalogue.matching({ ...filter })).toBe(before)
  catalogue.change([{ item: 'k', attributes: { brand: 'b' } }])
  expect([...before, ...catalogue.matching(filter)]).toEqual([1, 0])
})

test('a filter whose numbers move is computed once where no item is passed, and is always what it would be anew', () => {
  const shape = fc.record({
    by: fc.constantFrom('above', 'atLeast', 'below', 'atMost'),
    prices: fc.array(value(fc.integer({ min: 0, max: 5 })), { minLength: 1, maxLength: 8 }),
    bounds: fc.array(fc.constantFrom(-1, -0, 0, 0.25, 0.5, 1, 1.5, 2, 3, 4.5, 5, 7), { maxLength: 40 }),
  })
  fc.assert(
    fc.property(shape, shape, ({ by, prices, bounds }, other) => {
      const filled = (): Catalogue => {
        const catalogue = createCatalogue({ attributes })
        catalogue.upsert(
          prices.map((price, at) => ({ item: `${at}`, attributes: { price, sale: at % 2 === 0 } })),
        )
        return catalogue
      }
      const catalogue = filled()
      const passed = new Set<Uint8Array>()
      for (const [at, bound] of bounds.entries()) {
        const moving = { attribute: 'price', [by]: bound } as VectorFilter
        const second = { attribute: 'price', [other.by]: other.bounds[at] ?? 0 } as VectorFilter
        for (const filter of [
          moving,
          { any: [{ not: moving }, { all: [{ attribute: 'sale', is: true }, second] }] },
        ])
          expect(catalogue.matching(filter)).toEqual(filled().matching(filter))
        passed.add(catalogue.matching(moving))
      }
      const different = new Set([...passed].map((mask) => mask.join()))
      expect(passed.size).toBe(different.size)
    }),
    { numRuns: 300 },
  )
})

test('what is no longer asked, as the answer is known, is not what the mask depends on', () => {
  const filled = (): Catalogue => {
    const catalogue = createCatalogue({ attributes })
    catalogue.upsert([1, 2, 3].map((price) => ({ item: `${price}`, attributes: { price, brand: 'a' } })))
    return catalogue
  }
  const catalogue = filled()
  const first = [0, 5].map((bound) => ({ attribute: 'price', above: bound }))
  for (const above of [0, 1.5, 2.5, 9])
    for (const one of first)
      for (const filter of [
        { all: [one, { attribute: 'price', above }] },
        { any: [one, { attribute: 'price', above }] },
        { all: [{ attribute: 'brand', is: 'b' }, one] },
      ])
        expect(catalogue.matching(filter)).toEqual(filled().matching(filter))
})

test('as many texts as a filter may hold are looked up among many items at once', () => {
  const catalogue = createCatalogue({ attributes })
  catalogue.upsert(
    Array.from({ length: 100_000 }, (_, at) => ({
      item: `i${at}`,
      attributes: { brand: `title ${at}`, tags: [`title ${at}`, 'all'] },
    })),
  )
  for (const attribute of ['brand', 'tags']) {
    const parts = Array.from({ length: 999 }, (_, at) => ({ attribute, is: `title ${at}` }))
    const started = performance.now()
    const found = [{ all: parts }, { any: parts }].map((filter) =>
      catalogue.matching(filter).reduce((sum, one) => sum + one, 0),
    )
    expect(found).toEqual([0, 999])
    // Milliseconds where each is looked up, several seconds where every text is gone through.
    expect(performance.now() - started).toBeLessThan(1500)
  }
})

test('what is shown with a filter of the time is made anew only where an item is passed', () => {
  const catalogue = createCatalogue({ attributes })
  const ends = [1000, 2000, 2000, 5000]
  catalogue.upsert(ends.map((price, at) => ({ item: `${at}`, attributes: { price }, until: price + 500 })))
  const made = new Set<Uint8Array>()
  const counts: number[] = []
  for (let now = 0; now < 6000; now++) {
    const { allowed, count, admits } = catalogue.admitted({
      now,
      filters: [{ attribute: 'price', above: now }],
    })
    if (!made.has(allowed)) counts.push(count)
    made.add(allowed)
    expect([allowed.reduce((sum, one) => sum + one, 0), admits('0'), admits('nobody')]).toEqual([
      count,
      now < 1000,
      false,
    ])
  }
  // Once for each instant at which a sale or an item ends: 1000, 1500, 2000, 2500, 5000, 5500.
  expect(counts).toEqual([4, 3, 3, 1, 1, 0, 0])
})

test('no more masks are kept than so many, and what was asked for lately stays', () => {
  const catalogue = createCatalogue({ attributes })
  catalogue.upsert(Array.from({ length: 100 }, (_, price) => ({ item: `${price}`, attributes: { price } })))
  const below = (bound: number): Uint8Array => catalogue.matching({ attribute: 'price', below: bound })
  const first = below(1)
  for (let bound = 2; bound <= 64; bound++) below(bound)
  expect(below(1)).toBe(first)
  below(65)
  expect(below(1)).toBe(first)
  for (let bound = 2; bound <= 66; bound++) below(bound)
  expect(below(1)).not.toBe(first)
})

test('changing leaves what is not given as it was, and makes no items', () => {
  const catalogue = createCatalogue({ attributes })
  catalogue.upsert([{ item: 'k', attributes: { brand: 'a', price: 2 }, from: 5, added: 3 }])
  const { version, layout } = catalogue
  catalogue.change([{ item: 'k', attributes: { price: null }, available: false }, { item: 'm' }])
  expect(catalogue.get('k')).toEqual({
    item: 'k',
    attributes: { brand: 'a' },
    available: false,
    from: 5,
    added: 3,
  })
  expect(catalogue.get('m')).toBeUndefined()
  expect([catalogue.version > version, catalogue.layout, catalogue.size]).toEqual([true, layout, 1])
})

test('an item can be had from its first instant on and before its last, whichever way the clock turns', () => {
  const catalogue = createCatalogue()
  catalogue.upsert([
    { item: 'k', from: 10, until: 20 },
    { item: 'm', until: 15 },
    { item: 'n' },
    { item: 'o', available: false },
  ])
  const at = (now: number): string => {
    const { allowed } = catalogue.availableAt(now)
    return [...allowed.keys()]
      .filter((place) => allowed[place] === 1)
      .map((at) => catalogue.itemAt(at))
      .join('')
  }
  expect([9, 10, 14.5, 15, 19, 20, 12, 3].map(at)).toEqual(['mn', 'kmn', 'kmn', 'kn', 'kn', 'n', 'kmn', 'mn'])
  const { period } = catalogue.availableAt(12)
  expect(catalogue.availableAt(14)).toMatchObject({ period })
  catalogue.change([{ item: 'k', available: false }])
  expect(at(12)).toBe('mn')
})

test('times are taken back by null, and an item that could never be had is refused, by what is there too', () => {
  const catalogue = createCatalogue()
  catalogue.upsert([
    { item: 'k', from: 10, until: 20, added: 5 },
    { item: 'm', from: null, until: null },
  ])
  expect(catalogue.get('m')).toEqual({ item: 'm' })
  const refused: readonly (readonly CatalogueItem[])[] = [
    [{ item: 'k', until: 10 }],
    [{ item: 'k', from: 20 }],
    [
      { item: 'm', from: 3 },
      { item: 'm', until: 3 },
    ],
  ]
  const { version } = catalogue
  for (const items of refused) {
    for (const use of [() => catalogue.change(items), () => catalogue.check(items, 'change')])
      expect(use).toThrow(/items\[\d\] expects a from that is before its until/)
  }
  expect(() => catalogue.upsert([{ item: 'n', from: 2, until: 1 }])).toThrow(coded('OPTION_INVALID'))
  expect([catalogue.version, catalogue.get('k')]).toEqual([
    version,
    { item: 'k', from: 10, until: 20, added: 5 },
  ])
  catalogue.change([
    { item: 'k', until: null, added: null },
    { item: 'k', from: 30 },
  ])
  expect(catalogue.get('k')).toEqual({ item: 'k', from: 30 })
  // Another item takes the place of this one: what that one had does not count.
  catalogue.upsert([{ item: 'k', until: 1 }])
  expect(catalogue.get('k')).toEqual({ item: 'k', until: 1 })
})

test('after thousands of texts have come and gone, filters know the one that is there', () => {
  const catalogue = createCatalogue({ attributes })
  for (let at = 0; at < 5000; at++) catalogue.upsert([{ item: 'k', attributes: { brand: `b${at}` } }])
  expect(catalogue.get('k')!.attributes).toEqual({ brand: 'b4999' })
  expect([
    ...catalogue.matching({ attribute: 'brand', is: 'b4999' }),
    ...catalogue.matching({ attribute: 'brand', is: 'b1' }),
  ]).toEqual([1, 0])
})

const deep = (levels: number): unknown => {
  let filter: unknown = { all: [] }
  for (let level = 0; level < levels; level++) filter = { not: filter }
  return filter
}

test.each<[string, unknown, RegExp]>([
  [
    'an attribute that is not there',
    { attribute: 'size', is: 'a' },
    /no attribute "size"; there is brand, price/,
  ],
  ['a value of another type', { attribute: 'price', is: 'a' }, /price is a number/],
  ['an order of texts', { attribute: 'tags', above: 3 }, /tags is a text/],
  ['a million levels', deep(1_000_000), /at most 24 levels/],
  ['twenty levels', deep(20), /16 levels/],
  ['very much of it', { attribute: 'brand', in: new Array(100_000).fill('a') }, /at most 50000 values/],
  ['a prototype', JSON.parse('{"__proto__": {"all": []}}'), /no name '__proto__'/],
  ['a function', { all: () => true }, /JSON/],
  [
    'what holds itself',
    (() => {
      const own: unknown[] = []
      own.push(own)
      return { all: own }
    })(),
    /at most 24 levels/,
  ],
  ['a number that is none', { attribute: 'price', is: NaN }, /finite/],
])('a filter of %s is refused', (_, filter, message) => {
  const catalogue: Catalogue = createCatalogue({ attributes })
  for (const use of [
    () => catalogue.matching(filter as VectorFilter),
    () => {
      catalogue.checkFilter(filter)
    },
  ]) {
    expect(use).toThrow(message)
    expect(use).toThrow(coded('OPTION_INVALID'))
  }
})

test.each<[string, unknown, RegExp]>([
  ['no id', {}, /items\[1\].item expects the id/],
  ['an id that is a number', { item: 3 }, /received 3/],
  ['half a character in its id', { item: 'a\ud800' }, /without half characters/],
  ['an end before its beginning', { item: 'm', from: 2, until: 1 }, /received from 2 and until 1/],
  ['an attribute that is not there', { item: 'm', attributes: { size: 3 } }, /size/],
  [
    'a price in text',
    { item: 'm', attributes: { price: '3' } },
    /items\[1\].attributes.price expects a number, received '3'/,
  ],
  [
    'a brand that is a list',
    { item: 'm', attributes: { brand: ['a'] } },
    /brand expects a text.*a list of 1/,
  ],
  ['tags that are a text', { item: 'm', attributes: { tags: 'a' } }, /tags expects a list/],
  ['an instant in text', { item: 'm', until: '2026' }, /items\[1\].until must be a number/],
  ['another name', { item: 'm', avaliable: true }, /Did you mean 'available'/],
  ['another flag', { item: 'm', available: 1 }, /true or false, received 1/],
  ['a prototype', JSON.parse('{"item":"m","attributes":{"__proto__":"a"}}'), /__proto__/],
])('an item with %s is refused, and those beside it with it', (_, item, message) => {
  const catalogue = createCatalogue({ attributes })
  expect(() => {
    catalogue.upsert([{ item: 'k' }, item as CatalogueItem])
  }).toThrow(message)
  expect([catalogue.size, catalogue.version]).toEqual([0, 0])
})

test.each<[unknown, RegExp]>([
  [{ item: 'text' }, /other than item and added/],
  [JSON.parse('{"__proto__": "text"}'), /names of a letter/],
  [{ price: 'float' }, /attributes.price expects text, number, boolean or texts, received 'float'/],
  [[], /an object of types/],
])('attributes %j are refused', (own, message) => {
  expect(() => createCatalogue({ attributes: own as never })).toThrow(message)
})
