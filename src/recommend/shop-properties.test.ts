import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCatalogue, recentPopularity, type CatalogueItem } from '../catalogue/index.ts'
import type { RuleName, Rules } from '../rules/index.ts'
import { recommenderOf } from './shop.test-support.ts'

const NOW = 1_000_000
const KNOWN = 40
const names = [...Array.from({ length: KNOWN }, (_, at) => `i${at}`), 'n0', 'n1', 'n2', 'n3']

const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined })
const time = fc.constantFrom(NOW - 1, NOW, NOW + 1)
const brands = ['a', 'b', 'c', 'd', 'e']

const someItem = (item: string): fc.Arbitrary<CatalogueItem | undefined> =>
  maybe(
    fc.record(
      {
        item: fc.constant(item),
        attributes: fc.record({
          brand: fc.option(fc.constantFrom(...brands), { nil: null }),
          price: fc.nat(9),
          tags: fc.subarray(['x', 'y', 'z']),
        }),
        available: fc.boolean(),
        from: time,
        until: time,
        added: time,
      },
      { requiredKeys: ['item', 'attributes'] },
    ),
  )
    // What could never be had is refused.
    .filter((made) => !((made?.from ?? -Infinity) >= (made?.until ?? Infinity)))
    .map((made) => made)

const someFilter = fc.oneof(
  fc.record({ attribute: fc.constant('price'), atLeast: fc.nat(9) }),
  fc.record({ attribute: fc.constant('tags'), is: fc.constantFrom('x', 'y', 'z') }),
  fc.record({ attribute: fc.constant('brand'), in: fc.subarray(brands) }),
  fc.record({ not: fc.record({ attribute: fc.constant('brand'), is: fc.constantFrom(...brands) }) }),
)
const seed = fc.nat(1000)
/** A new rule without values here does not compile. */
const ruleValues = {
  filter: someFilter,
  hide: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 8 }),
  boosts: fc.array(fc.record({ when: someFilter, multiply: fc.double({ min: 0.1, max: 10, noNaN: true }) }), {
    maxLength: 2,
  }),
  pin: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names), fc.integer({ min: 1, max: 12 })), {
      maxLength: 3,
      selector: ([, place]) => place,
    })
    .filter((pins) => new Set(pins.map(([item]) => item)).size === pins.length)
    .map((pins) => pins.map(([item, place]) => ({ item, place }))),
  quotas: fc.array(
    fc.oneof(
      fc.record({ when: someFilter, least: fc.integer({ min: 0, max: 6 }) }),
      fc.record({ when: someFilter, most: fc.integer({ min: 0, max: 6 }) }),
    ),
    { maxLength: 2 },
  ),
  caps: fc.array(
    fc.record({
      attribute: fc.constantFrom('brand', 'tags', 'price'),
      most: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 2 },
  ),
  exploration: fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), seed }),
  temperature: fc.record({ value: fc.double({ min: 0, max: 5, noNaN: true }), seed }),
  diversity: fc.record({ weight: fc.double({ min: 0, max: 1, noNaN: true }) }),
} satisfies Record<RuleName, fc.Arbitrary<unknown>>
const someRules = fc.record(ruleValues, { requiredKeys: [] })

const request = fc.record({
  items: fc.tuple(...names.map(someItem)).map((all) => all.flatMap((each) => each ?? [])),
  scores: fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: KNOWN, maxLength: KNOWN }),
  session: fc.array(fc.constantFrom(...names, 'nowhere'), { maxLength: 6 }),
  k: fc.integer({ min: 1, max: 14 }),
  excludeSeen: fc.boolean(),
  popular: fc.array(fc.constantFrom(...names), { maxLength: 5 }),
})

type Request = typeof request extends fc.Arbitrary<infer Of> ? Of : never

async function answer(given: Request, rules: Rules) {
  const catalogue = createCatalogue({ attributes: { brand: 'text', price: 'number', tags: 'texts' } })
  catalogue.upsert(given.items)
  const popularity = recentPopularity()
  for (const item of given.popular) popularity.add(item, NOW)
  const vectors = (item: string): Float32Array | undefined =>
    Number(item.slice(1)) % 5 === 4
      ? undefined
      : Float32Array.from(item, (letter) => Math.sin(7 * letter.charCodeAt(0))).slice(0, 2)
  const { k, excludeSeen } = given
  const { recommender } = recommenderOf(given.scores)
  const ask = { k, excludeSeen, rules, catalogue, vectors, popularity, now: NOW, attribution: 'a' }
  const events = given.session.map((item) => ({ item }))
  const found = await recommender.recommend(events, ask)
  expect(await recommender.recommend(events, ask), 'the same for the same seeds').toEqual(found)

  const masks = (rules.quotas ?? []).map(({ when }) => catalogue.matching(when))
  const isOf = (at: number, item: string): boolean => masks[at]![catalogue.placeOf(item)] === 1
  const allowedBy = rules.filter && catalogue.matching(rules.filter)
  const mayShow = (item: string): boolean => {
    const own = catalogue.get(item)
    const canBeHad =
      own !== undefined && own.available !== false && !(own.from! > NOW) && !(own.until! <= NOW)
    const isHidden = (rules.hide ?? []).includes(item)
    return canBeHad && !isHidden && (allowedBy === undefined || allowedBy[catalogue.placeOf(item)] === 1)
  }
  const pins = (rules.pin ?? []).filter(({ item, place }) => place <= k && mayShow(item))
  const seen = new Set(excludeSeen ? given.session : [])
  /** What the model can give, pins aside; nothing where it knows no event. */
  const fromModel = given.session.some((item) => item.startsWith('i'))
    ? names
        .slice(0, KNOWN)
        .filter((item) => mayShow(item) && !seen.has(item) && !pins.some((pin) => pin.item === item))
    : []
  return {
    ...found,
    names: found.items.map(({ item }) => item),
    catalogue,
    pins,
    seen,
    mayShow,
    isOf,
    fromModel,
  }
}

test('nothing that may not be shown, nothing twice, pins at their places, limits held, the same again for the same seeds', async () => {
  await fc.assert(
    fc.asyncProperty(request, someRules, async (given, made) => {
      const rules = made as Rules
      const { items, names: found, catalogue, pins, seen, mayShow, isOf } = await answer(given, rules)
      const isPinned = (item: string): boolean => pins.some((pin) => pin.item === item)
      expect(new Set(found).size).toBe(found.length)
      expect(found.length).toBeLessThanOrEqual(given.k)
      for (const item of found) {
        expect(mayShow(item), item).toBe(true)
        expect(seen.has(item) && !isPinned(item), item).toBe(false)
      }
      for (const { item, place } of pins) {
        expect(found).toContain(item)
        if (found.length === given.k) expect(found[place - 1]).toBe(item)
      }
      for (const { item, source, score } of items) {
        expect(source === 'pinned').toBe(isPinned(item))
        expect(Number.isFinite(score)).toBe(true)
        if (source === 'model') expect(item).toMatch(/^i/)
        if (source === 'catalogue') expect(item).toMatch(/^n/)
        if (source === 'explored') expect(catalogue.get(item)!.added).toBeLessThanOrEqual(NOW)
      }
      // Pins go before limits: what they use up alone is theirs.
      for (const { attribute, most } of rules.caps ?? [])
        for (const key of new Set(
          found.flatMap((item) => catalogue.keysAt(attribute, catalogue.placeOf(item))),
        )) {
          const under = (item: string): boolean =>
            catalogue.keysAt(attribute, catalogue.placeOf(item)).includes(key)
          expect(found.filter(under).length).toBeLessThanOrEqual(
            Math.max(most, pins.filter((pin) => under(pin.item)).length),
          )
        }
      for (const [at, quota] of (rules.quotas ?? []).entries())
        if ('most' in quota)
          expect(found.filter((item) => isOf(at, item)).length).toBeLessThanOrEqual(
            Math.max(quota.most, pins.filter(({ item }) => isOf(at, item)).length),
          )
    }),
    { numRuns: 400 },
  )
}, 120_000)

test('without caps and quotas an answer is as long as what may be shown allows, whoever knows of it', async () => {
  await fc.assert(
    fc.asyncProperty(request, someRules, async (given, { caps: _, quotas: __, ...rules }) => {
      const { names: found, mayShow, pins, seen } = await answer(given, rules)
      const shown = names.filter(
        (item) => mayShow(item) && (!seen.has(item) || pins.some((pin) => pin.item === item)),
      )
      expect(found).toHaveLength(Math.min(given.k, shown.length))
    }),
    { numRuns: 400 },
  )
}, 120_000)

test('k items where there are so many, and as many of a kind as a quota wants where one cap leaves them', async () => {
  const oneCap = someRules.chain((rules) =>
    fc.record({
      ...Object.fromEntries(Object.entries(rules).map(([name, value]) => [name, fc.constant(value)])),
      caps: fc.array(fc.record({ attribute: fc.constant('brand'), most: fc.integer({ min: 1, max: 4 }) }), {
        maxLength: 1,
      }),
      quotas: fc.array(fc.record({ when: someFilter, least: fc.integer({ min: 1, max: 6 }) }), {
        minLength: 1,
        maxLength: 1,
      }),
    }),
  )
  let [full, wanted] = [0, 0]
  await fc.assert(
    fc.asyncProperty(request, oneCap, async (given, made) => {
      const rules = made as Rules
      const { names: found, catalogue, pins, fromModel, isOf } = await answer(given, rules)
      /** How many of some items a cap leaves beside the pins. */
      const roomFor = (items: readonly string[]): number => {
        const most = rules.caps?.[0]?.most ?? Infinity
        const brandOf = (item: string): string => catalogue.keysAt('brand', catalogue.placeOf(item))[0] ?? ''
        const count = (of: readonly string[], brand: string): number =>
          of.filter((item) => brandOf(item) === brand).length
        const pinned = pins.map(({ item }) => item)
        return ['', ...brands].reduce(
          (sum, brand) =>
            sum +
            Math.min(count(items, brand), brand === '' ? Infinity : Math.max(0, most - count(pinned, brand))),
          0,
        )
      }
      expect(found.length).toBeGreaterThanOrEqual(Math.min(given.k, pins.length + roomFor(fromModel)))
      if (found.length === given.k) full++
      const [quota] = rules.quotas ?? []
      if (quota === undefined || !('least' in quota)) return
      const matching = fromModel.filter((item) => isOf(0, item))
      const pinned = pins.filter(({ item }) => isOf(0, item)).length
      const possible = pinned + Math.min(given.k - pins.length, roomFor(matching))
      expect(found.filter((item) => isOf(0, item)).length).toBeGreaterThanOrEqual(
        Math.min(quota.least, possible),
      )
      if (possible >= quota.least) wanted++
    }),
    { numRuns: 400 },
  )
  // The test would be worth little were answers seldom full, or quotas seldom possible.
  expect(full).toBeGreaterThan(40)
  expect(wanted).toBeGreaterThan(20)
}, 120_000)
