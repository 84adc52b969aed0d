import { expect, test } from 'vitest'
import { createCatalogue, recentPopularity, type Catalogue, type CatalogueItem } from '../catalogue/index.ts'
import type { Rules } from '../rules/index.ts'
import type { Event } from '../workflow/index.ts'
import type { Recommendations, RecommendOptions } from './recommender.ts'
import { fallingScores, recommenderOf } from './shop.test-support.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 26)
const coded = (code: string): Error => expect.objectContaining({ code }) as Error
const events = (...items: readonly string[]): readonly Event[] => items.map((item) => ({ item }))
const itemsOf = ({ items }: Recommendations): string => items.map(({ item }) => item).join(' ')

/** Items `i0` … of one brand of three each, every tenth on sale. */
function shopOf(n: number, more: readonly CatalogueItem[] = []): Catalogue {
  const catalogue = createCatalogue({ attributes: { brand: 'text', price: 'number', sale: 'boolean' } })
  catalogue.upsert([
    ...Array.from({ length: n }, (_, at): CatalogueItem => ({
      item: `i${at}`,
      attributes: { brand: `b${Math.floor(at / 3)}`, price: at, sale: at % 10 === 9 },
    })),
    ...more,
  ])
  return catalogue
}

const { recommender } = recommenderOf(fallingScores(30))
const byRules = (rules: Rules, options: RecommendOptions = {}): Promise<Recommendations> =>
  recommender.recommend(events('i0'), {
    k: 5,
    now: NOW,
    catalogue: shopOf(30),
    attribution: 'a',
    rules,
    ...options,
  })

test('without rules: what the model says of what there is, and where it comes from', async () => {
  expect(await byRules({})).toEqual({
    items: [1, 2, 3, 4, 5].map((at) => ({
      item: `i${at}`,
      score: Math.fround((30 - at) / 10),
      source: 'model',
    })),
    unknown: [],
    attribution: 'a',
  })
  const { attribution } = await recommender.recommend(events('i1'), { rules: {} })
  expect(attribution).toMatch(/^[\da-f-]{36}$/)
})

test('what went, cannot be had, or is not there yet or any more, is not recommended from the next call on', async () => {
  const catalogue = shopOf(30)
  const ask = async (): Promise<string> => itemsOf(await byRules({}, { catalogue }))
  expect(await ask()).toBe('i1 i2 i3 i4 i5')
  catalogue.delete(['i2'])
  expect(await ask()).toBe('i1 i3 i4 i5 i6')
  catalogue.change([{ item: 'i3', available: false }])
  expect(await ask()).toBe('i1 i4 i5 i6 i7')
  catalogue.change([
    { item: 'i4', from: NOW + 1 },
    { item: 'i5', until: NOW },
    { item: 'i6', until: NOW + 1 },
  ])
  expect(await ask()).toBe('i1 i6 i7 i8 i9')
  catalogue.upsert([{ item: 'i2' }])
  expect(await ask()).toBe('i1 i2 i6 i7 i8')
})

test('items that were added since training are there by their scores, and those that were taken out are gone', async () => {
  const { recommender, asked } = recommenderOf([3, 2, 1, 2.5], ['n1'])
  const catalogue = shopOf(3)
  const rules: Rules = { pin: [{ item: 'i1', place: 2 }] }
  const ask = async (): Promise<string> =>
    itemsOf(await recommender.recommend(events('i2'), { k: 4, catalogue, rules }))
  expect(await ask()).toBe('i0 i1')
  catalogue.upsert([{ item: 'n1' }])
  expect(await ask()).toBe('i0 i1 n1')
  recommender.removeItems(['i0'])
  expect(await ask()).toBe('n1 i1')
  recommender.removeItems(['i1'])
  expect(await ask()).toBe('n1')
  expect(asked.at(-1)!.candidates!.allowed).toHaveLength(4)
})

test('a filter is applied before the best are taken', async () => {
  expect(itemsOf(await byRules({ filter: { attribute: 'price', above: 24 } }))).toBe('i25 i26 i27 i28 i29')
  expect(itemsOf(await byRules({ filter: { attribute: 'sale', is: true } }))).toBe('i9 i19 i29')
})

test('boosts: a factor of how likely, or a sum; for a time', async () => {
  const sale = { attribute: 'sale', is: true } as const
  const found = await byRules({ boosts: [{ when: sale, multiply: Math.exp(1) }] })
  // i9 has 2.1 and rises by 1, past i0, …: 2.9 is the highest.
  expect(itemsOf(found)).toBe('i9 i1 i2 i3 i4')
  expect(found.items[0]!.score).toBeCloseTo(3.1, 5)
  expect(itemsOf(await byRules({ boosts: [{ when: sale, add: 1 }] }))).toBe('i9 i1 i2 i3 i4')
  const times = { from: '2026-11-25', until: '2026-11-26T00:00:00Z' }
  expect(itemsOf(await byRules({ boosts: [{ when: sale, add: 1, ...times }] }))).toBe('i1 i2 i3 i4 i5')
  expect(itemsOf(await byRules({ boosts: [{ when: sale, add: 1, ...times }] }, { now: NOW - 1 }))).toBe(
    'i9 i1 i2 i3 i4',
  )
})

test('hidden items are gone, pinned ones at their places, seen or new, but not where they may not be', async () => {
  const rules: Rules = {
    hide: ['i1', { item: 'i2', until: NOW }, 'i20'],
    pin: [
      { item: 'i0', place: 2 },
      { item: 'i20', place: 1 },
      { item: 'new', place: 4 },
      { item: 'i7', place: 3 },
    ],
  }
  const catalogue = shopOf(30, [{ item: 'new' }])
  catalogue.change([{ item: 'i7', available: false }])
  const { items } = await byRules(rules, { catalogue })
  expect(items.map(({ item, source }) => `${item} ${source!}`)).toEqual([
    'i2 model',
    'i0 pinned',
    'i3 model',
    'new pinned',
    'i4 model',
  ])
  expect(items.map(({ score }) => score)).toEqual([2.8, 3, 2.7, 0, 2.6].map(Math.fround))
})

test('caps: at most so many of a brand; quotas: so many of the best on sale, however far down', async () => {
  expect(itemsOf(await byRules({ caps: [{ attribute: 'brand', most: 1 }] }))).toBe('i1 i3 i6 i9 i12')
  const sale = { attribute: 'sale', is: true } as const
  expect(itemsOf(await byRules({ quotas: [{ when: sale, least: 2 }] }))).toBe('i1 i2 i3 i9 i19')
  expect(itemsOf(await byRules({ quotas: [{ when: { attribute: 'price', below: 9 }, most: 2 }] }))).toBe(
    'i1 i2 i9 i10 i11',
  )
  expect(
    itemsOf(await byRules({ quotas: [{ when: sale, least: 4 }], caps: [{ attribute: 'brand', most: 1 }] })),
  ).toBe('i1 i3 i9 i19 i29')
})

test('a quota of one item in a hundred thousand is met without looking at all of them', async () => {
  const n = 100_000
  const big = recommenderOf(fallingScores(n))
  const catalogue = createCatalogue({ attributes: { sale: 'boolean' } })
  catalogue.upsert(
    Array.from({ length: n }, (_, at) => ({ item: `i${at}`, attributes: { sale: at === n - 2 } })),
  )
  const rules: Rules = { quotas: [{ when: { attribute: 'sale', is: true }, least: 1 }] }
  const ask = (): Promise<Recommendations> =>
    big.recommender.recommend(events('i0'), { k: 5, catalogue, rules })
  expect(itemsOf(await ask())).toBe(`i1 i2 i3 i4 i${n - 2}`)
  expect(big.asked.map(({ k }) => k)).toEqual([100])
  await ask()
  // The same filter is the same object, which the worker has.
  expect(big.asked[1]!.candidates).toBe(big.asked[0]!.candidates)
  expect(big.asked[1]!.also![0]!.candidates).toBe(big.asked[0]!.also![0]!.candidates)
})

test('rules that hold the time make candidates only where an item is passed by it, and are sent once', async () => {
  const { recommender, asked } = recommenderOf(fallingScores(30))
  const catalogue = shopOf(30)
  for (let now = 0; now < 5; now += 0.01) {
    const when = { attribute: 'price', atMost: now } as const
    const rules: Rules = {
      filter: { attribute: 'price', above: now },
      boosts: [{ when, add: 1 }],
      quotas: [{ when: { not: when }, least: 1 }],
    }
    await recommender.recommend(events('i0'), { k: 3, catalogue, rules, now: NOW })
  }
  const sent = [
    ...asked.map(({ candidates }) => candidates),
    ...asked.flatMap(({ also = [] }) => also.map(({ candidates }) => candidates)),
  ]
  expect(sent.length).toBeGreaterThan(900)
  // Between two prices all are the same: five of each.
  expect(new Set(sent).size).toBe(10)
})

test('candidates grow where caps use them up', async () => {
  const n = 3000
  const { recommender, asked } = recommenderOf(fallingScores(n))
  const catalogue = createCatalogue({ attributes: { brand: 'text' } })
  catalogue.upsert(
    Array.from({ length: n }, (_, at) => ({
      item: `i${at}`,
      attributes: { brand: at < 2500 ? 'a' : `b${at}` },
    })),
  )
  const found = await recommender.recommend(events('i5'), {
    k: 3,
    catalogue,
    rules: { caps: [{ attribute: 'brand', most: 1 }] },
  })
  expect(itemsOf(found)).toBe('i0 i2500 i2501')
  expect(asked.map(({ k }) => k)).toEqual([100, 400, 1600, 3000])
})

test('diversity: the best first, and then what is unlike it', async () => {
  // Items of one brand point one way.
  const vectors = (item: string): Float32Array => {
    const brand = Math.floor(Number(item.slice(1)) / 3)
    return Float32Array.from({ length: 10 }, (_, at) => +(at === brand))
  }
  expect(itemsOf(await byRules({ diversity: { weight: 0 } }, { vectors }))).toBe('i1 i2 i3 i4 i5')
  expect(itemsOf(await byRules({ diversity: { weight: 0.5 } }, { vectors }))).toBe('i1 i3 i6 i9 i12')
  // (1 − 0.02) · 1/28 is more than 0.02 of likeness: a little of it changes nothing.
  expect(itemsOf(await byRules({ diversity: { weight: 0.02 } }, { vectors }))).toBe('i1 i2 i3 i4 i5')
})

test('diversity without vectors goes by those of the model, of what stands in and of pins too', async () => {
  const { recommender, asked } = recommenderOf(fallingScores(30))
  const catalogue = shopOf(30, [{ item: 'new' }])
  const ask = async (from: readonly Event[], rules: Rules) =>
    itemsOf(await recommender.recommend(from, { k: 5, catalogue, rules, now: NOW }))
  expect(await ask(events('i0'), { diversity: { weight: 0.5 } })).toBe('i1 i3 i6 i9 i12')
  const pin = [
    { item: 'new', place: 1 },
    { item: 'i5', place: 2 },
  ]
  expect(await ask(events('i0'), { pin, diversity: { weight: 0.5 } })).toBe('new i5 i1 i6 i9')
  expect(await ask([], { diversity: { weight: 0.5 } })).toBe('i0 i3 i6 i9 i12')
  const lookedUp = asked.filter((row) => 'vectorsOf' in row).length
  expect(lookedUp).toBeGreaterThan(0)
  await ask(events('i0'), { diversity: { weight: 0 } })
  expect(asked.filter((row) => 'vectorsOf' in row)).toHaveLength(lookedUp)
})

test('temperature draws by softmax, the same for the same seed', async () => {
  const scores = [0, 2, 1, 0]
  const few = recommenderOf(scores)
  const firsts = new Map<string, number>()
  for (let seed = 0; seed < 1500; seed++) {
    const rules: Rules = { temperature: { value: 2, seed } }
    const found = itemsOf(await few.recommender.recommend([{ item: 'i0' }], { k: 3, rules }))
    expect(found.split(' ').sort().join()).toBe('i1,i2,i3')
    firsts.set(found.slice(0, 2), (firsts.get(found.slice(0, 2)) ?? 0) + 1)
    if (seed < 5)
      expect(itemsOf(await few.recommender.recommend([{ item: 'i0' }], { k: 3, rules }))).toBe(found)
  }
  const total = Math.exp(1) + Math.exp(0.5) + 1
  // Three deviations of a share of 1,500 draws are at most 0.039.
  for (const [item, share] of [
    ['i1', Math.exp(1)],
    ['i2', Math.exp(0.5)],
    ['i3', 1],
  ] as const)
    expect(Math.abs(firsts.get(item)! / 1500 - share / total), item).toBeLessThan(0.039)
})

test('a share of the places is for new items, each as often as the others', async () => {
  const fresh = ['n1', 'n2', 'n3', 'n4'].map((item, at) => ({ item, added: NOW - at * DAY }))
  const catalogue = shopOf(30, [
    ...fresh,
    { item: 'old', added: NOW - 15 * DAY },
    { item: 'later', added: NOW + 1 },
  ])
  const counts = new Map<string, number>()
  const places = [0, 0, 0, 0, 0]
  for (let seed = 0; seed < 2000; seed++) {
    const { items } = await byRules({ exploration: { share: 0.3, seed } }, { catalogue })
    expect(items).toHaveLength(5)
    for (const [at, { item, source }] of items.entries())
      if (source === 'explored') {
        counts.set(item, (counts.get(item) ?? 0) + 1)
        places[at]!++
      } else expect(source).toBe('model')
  }
  expect([...counts.keys()].sort()).toEqual(['n1', 'n2', 'n3', 'n4'])
  const shown = [...counts.values()].reduce((sum, each) => sum + each)
  expect(shown / 2000).toBeCloseTo(1.5, 1)
  for (const count of counts.values()) expect(Math.abs(count / shown - 0.25)).toBeLessThan(0.03)
  for (const count of places) expect(Math.abs(count / shown - 0.2)).toBeLessThan(0.03)
})

test('where no item is known: what is similar, what is popular of late, what was popular in training; each says so', async () => {
  const vectors = (item: string): Float32Array | undefined =>
    ({
      new: Float32Array.of(1, 0),
      i3: Float32Array.of(3, 0),
      i4: Float32Array.of(1, 1),
      i5: Float32Array.of(0, 0),
    })[item]
  const popularity = recentPopularity()
  for (const item of ['i7', 'i7', 'new', 'elsewhere']) popularity.add(item, NOW)
  const { recommender } = recommenderOf(fallingScores(8))
  const catalogue = shopOf(8)
  catalogue.change([{ item: 'i1', available: false }])
  const ask = { k: 6, catalogue, popularity, vectors }
  const { items, unknown, fallback } = await recommender.recommend(events('new'), ask)
  expect(items.map(({ item, source }) => `${item} ${source!}`)).toEqual([
    'i3 similar',
    'i4 similar',
    'i7 popular',
    'i0 popular',
    'i2 popular',
    'i5 popular',
  ])
  expect(items.map(({ score }) => score)).toEqual(
    [1, Math.SQRT1_2, 0.5, 8 / 36, 6 / 36, 3 / 36].map((each) => expect.closeTo(each, 6) as number),
  )
  expect([unknown, fallback]).toEqual([['new'], 'similar'])
  const filter = { attribute: 'brand', is: 'b1' } as const
  const filtered = await recommender.recommend([], {
    ...ask,
    rules: { filter, boosts: [{ when: { attribute: 'item', is: 'i5' }, multiply: 3 }] },
  })
  expect(itemsOf(filtered)).toBe('i5 i3 i4')
  expect(itemsOf(await recommender.recommend([], { ...ask, rules: { filter: { any: [] } } }))).toBe('')
})

test('where no item is known, what was found elsewhere is what is similar, as far as it may be shown', async () => {
  const { recommender } = recommenderOf(fallingScores(8))
  const similar = ['n9', 'i1', 'i6', 'new', 'i2'].map((item, at) => ({ item, score: 0.9 - at / 10 }))
  const catalogue = shopOf(7)
  catalogue.change([{ item: 'i1', available: false }])
  const vectors = (): Float32Array => Float32Array.of(1)
  const ask = { k: 3, catalogue, similar, vectors }
  const { items } = await recommender.recommend(events('new'), ask)
  expect(items).toEqual(
    [
      { item: 'i6', score: 0.7, source: 'similar' },
      { item: 'i2', score: 0.5, source: 'similar' },
      { item: 'i0', score: 8 / 36, source: 'popular' },
    ].map((each) => ({ ...each, score: expect.closeTo(each.score, 6) as number })),
  )
  const boosts = [{ when: { attribute: 'item', is: 'i2' }, add: 1 }] as const
  expect(itemsOf(await recommender.recommend(events('new'), { ...ask, k: 2, rules: { boosts } }))).toBe(
    'i2 i6',
  )
  // Nothing is similar where a look elsewhere says so; what is known is not asked of it.
  const none = await recommender.recommend(events('new'), { ...ask, similar: [] })
  expect(none.items.map(({ source }) => source)).toEqual(['popular', 'popular', 'popular'])
  expect(none.fallback).toBe('popularity')
  const known = await recommender.recommend(events('i0'), { ...ask, k: 7 })
  expect(known.items.map(({ source }) => source)).not.toContain('similar')
  expect(known).not.toHaveProperty('fallback')
  for (const wrong of [{}, [{ item: 1, score: 1 }], [{ item: 'i1', score: NaN }], [null]])
    await expect(recommender.recommend([], { similar: wrong as never })).rejects.toThrow(
      coded('OPTION_INVALID'),
    )
})

test('where the model has no more, what stands in fills up', async () => {
  const { recommender } = recommenderOf(fallingScores(3))
  const popularity = recentPopularity()
  popularity.add('n2', NOW)
  const vectors = (item: string): Float32Array | undefined =>
    ['i1', 'n1'].includes(item) ? Float32Array.of(1) : undefined
  const found = await recommender.recommend(events('i1'), {
    k: 3,
    popularity,
    vectors,
    catalogue: shopOf(2, [{ item: 'n1' }, { item: 'n2' }, { item: 'n3' }]),
  })
  expect(found.items.map(({ item, source }) => `${item} ${source!}`)).toEqual([
    'i0 model',
    'n1 similar',
    'n2 popular',
  ])
})

test('where nothing else is known, what the catalogue has fills up: what is raised first, then the newest', async () => {
  const { recommender } = recommenderOf(fallingScores(3))
  const fresh = [1, 3, 2].map((at) => ({ item: `n${at}`, added: NOW - at * DAY }))
  const more = [{ item: 'old' }, ...fresh, { item: 'sale', attributes: { sale: true } }, { item: 'hidden' }]
  const catalogue = shopOf(3, more)
  const rules: Rules = { hide: ['hidden'] }
  const ask = async (from: readonly Event[], options: RecommendOptions = {}) => {
    const { items } = await recommender.recommend(from, { k: 3, catalogue, rules, ...options })
    return items.map(({ item, source, score }) => `${item} ${source!} ${score.toFixed(1)}`)
  }
  const filter = { attribute: 'item', in: ['n1', 'n2', 'n3', 'i2', 'old', 'sale'] } as const
  expect(await ask(events('i0'), { rules: { ...rules, filter } })).toEqual([
    'i2 model 0.1',
    'n1 catalogue 0.0',
    'n2 catalogue 0.0',
  ])
  const boosts = [{ when: { attribute: 'sale', is: true }, add: 2 }] as const
  expect(await ask([], { rules: { boosts, filter: { not: { attribute: 'brand', is: 'b0' } } } })).toEqual([
    'sale catalogue 2.0',
    'n1 catalogue 0.0',
    'n2 catalogue 0.0',
  ])
  // All that may be shown is, where so much is asked for.
  const all = await recommenderOf(fallingScores(9)).recommender.recommend(events('i0'), {
    k: 9,
    catalogue,
    rules,
  })
  expect(itemsOf(all)).toBe('i1 i2 n1 n2 n3 old sale')
})

test('a dry run says what each rule did, in the order in which they are applied', async () => {
  const rules: Rules = {
    pin: [{ item: 'i9', place: 1 }],
    caps: [{ attribute: 'brand', most: 2 }],
    hide: ['i1'],
    filter: { attribute: 'price', below: 20 },
  }
  const { trace, items } = await byRules(rules, { dryRun: true })
  expect(items.map(({ item }) => item)).toEqual(['i9', 'i2', 'i3', 'i4', 'i6'])
  expect(trace).toEqual([
    { rule: 'filter', allowed: 20, removed: [], added: [], moved: [] },
    {
      rule: 'hide',
      allowed: 20,
      removed: ['i1'],
      added: ['i6'],
      moved: [2, 3, 4, 5].map((at) => ({ item: `i${at}`, from: at, to: at - 1 })),
    },
    {
      rule: 'pin',
      allowed: 20,
      removed: ['i6'],
      added: ['i9'],
      moved: [2, 3, 4, 5].map((at) => ({ item: `i${at}`, from: at - 1, to: at })),
    },
    { rule: 'caps', allowed: 20, removed: ['i5'], added: ['i6'], moved: [] },
  ])
})

test.each<[string, object, string, RegExp]>([
  ['a catalogue that is none', { catalogue: {} }, 'OPTION_INVALID', /createCatalogue/],
  ['vectors that are none', { vectors: [] }, 'OPTION_INVALID', /vectors expects a function/],
  ['popularity that is none', { popularity: new Map() }, 'OPTION_INVALID', /recentPopularity/],
  ['an instant that is none', { now: 'today' }, 'OPTION_INVALID', /now must be a number/],
  ['an id with a line break', { attribution: 'a\nb' }, 'OPTION_INVALID', /attribution expects/],
  ['a dry run in text', { dryRun: 'yes' }, 'OPTION_INVALID', /true or false/],
  ['a rule of a misspelt name', { rules: { boost: [] } }, 'OPTION_UNKNOWN', /Did you mean 'boosts'/],
  [
    'a filter without a catalogue',
    { rules: { filter: { all: [] } }, catalogue: undefined },
    'OPTION_INVALID',
    /rules.filter expects attributes/,
  ],
])('%s is refused', async (_, options, code, message) => {
  const answer = byRules({}, options)
  await expect(answer).rejects.toThrow(message)
  await expect(answer).rejects.toThrow(coded(code))
})

test('an item that goes while a session is scored does not lend its place to one that cannot be had', async () => {
  const { recommender: own, asked } = recommenderOf(fallingScores(3))
  const catalogue = createCatalogue()
  catalogue.upsert([{ item: 'i0' }, { item: 'i1' }, { item: 'i2', available: false }])
  const answer = own.recommend([{ item: 'i1' }], { k: 3, catalogue, excludeSeen: false })
  // The call has scored, and waits for its scores.
  expect(asked).toHaveLength(1)
  catalogue.delete(['i0'])
  expect(itemsOf(await answer)).toBe('i1')
})

test('rules that nothing meets do not cost the whole catalogue', async () => {
  const n = 20_000
  const { recommender: own, asked } = recommenderOf(fallingScores(n))
  const catalogue = createCatalogue({ attributes: { brand: 'text' } })
  catalogue.upsert(
    Array.from({ length: n }, (_, at) => ({
      item: `i${at}`,
      attributes: { brand: at % 2 === 0 ? 'a' : 'b' },
    })),
  )
  const { items } = await own.recommend(events('i0'), {
    k: 10,
    catalogue,
    rules: { caps: [{ attribute: 'brand', most: 3 }] },
  })
  expect(items).toHaveLength(6)
  expect(Math.max(...asked.map(({ k }) => k))).toBeLessThanOrEqual(4096)
})
