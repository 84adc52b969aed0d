import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { recentPopularity } from './recent-popularity.ts'

test('events count half as much after a half-life, in whatever order they come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 400 })), { minLength: 1 }),
      (events) => {
        const counted = recentPopularity({ halfLifeMs: 10, freshMs: 0 })
        const start = 1.7e12
        for (const [item, at] of events) counted.add(item, start + at)
        const weight = (item?: string): number =>
          events
            .filter(([own]) => item === undefined || own === item)
            .reduce((sum, [, at]) => sum + 2 ** ((at - 400) / 10), 0)
        const ranked = counted.ranked()
        expect(new Set(ranked.map(({ item }) => item))).toEqual(new Set(events.map(([item]) => item)))
        for (const { item, share } of ranked) expect(share).toBeCloseTo(weight(item) / weight(), 4)
        for (const [at, { share }] of ranked.entries())
          if (at > 0) expect(share).toBeLessThanOrEqual(ranked[at - 1]!.share)
      },
    ),
  )
})

test('a ranking is given again for a time, and what came since is in the next', () => {
  let time = 5_000
  const counted = recentPopularity({ freshMs: 100, now: () => time })
  expect(counted.ranked()).toEqual([])
  counted.add('a', 0)
  expect(counted.ranked()).toEqual([])
  time += 100
  const first = counted.ranked()
  expect(first).toEqual([{ item: 'a', share: 1 }])
  for (const item of ['b', 'b', 'c']) counted.add(item, 0)
  time += 99
  expect(counted.ranked()).toBe(first)
  time += 1
  expect(counted.ranked().map(({ item }) => item)).toEqual(['b', 'a', 'c'])
  counted.add('c', 0)
  // The clock of the machine was set back.
  time -= 4_000
  expect(counted.ranked().map(({ item }) => item)).toEqual(['b', 'c', 'a'])
})

test('merging what moved is ranking anew, also where items were forgotten', () => {
  const random = createRandom(2)
  const [merging, anew] = Array.from({ length: 2 }, () =>
    recentPopularity({ most: 200, halfLifeMs: 50, freshMs: 0 }),
  )
  for (let round = 0; round < 300; round++) {
    for (let count = random.below(40); count > 0; count--) {
      const [item, at] = [`i${random.below(300)}`, random.below(400)] as const
      merging!.add(item, at)
      anew!.add(item, at)
    }
    const found = merging!.ranked()
    expect(found.map(({ share }) => share)).toEqual(
      found.map(({ share }) => share).toSorted((one, other) => other - one),
    )
    expect(new Set(found.map(({ item }) => item)).size).toBe(merging!.size)
  }
  expect(merging!.ranked()).toEqual(anew!.ranked())
})

test('what it counts is made again of its snapshot, and goes on as it would have', () => {
  const options = { halfLifeMs: 3_600_000, freshMs: 0 }
  const [first, second] = [recentPopularity(options), recentPopularity(options)]
  const start = 1.7e12
  const random = createRandom(5)
  for (let at = 0; at < 500; at++) first.add(`i${random.below(20)}`, start + at * 60_000)
  const json = JSON.stringify(first.snapshot())
  for (const { item, at } of JSON.parse(json) as ReturnType<typeof first.snapshot>) second.add(item, at)
  for (const each of [first, second]) each.add('i3', start + 600 * 60_000)
  expect(second.ranked().map(({ item }) => item)).toEqual(first.ranked().map(({ item }) => item))
  for (const [at, { share }] of first.ranked().entries())
    expect(second.ranked()[at]!.share).toBeCloseTo(share, 9)
})

test('no more items than it may hold: the least popular go', () => {
  const counted = recentPopularity({ halfLifeMs: 1000, most: 8 })
  for (let at = 0; at < 1000; at++) {
    counted.add(`i${at}`, at)
    counted.add('often', at)
    expect(counted.size).toBeLessThanOrEqual(8)
  }
  expect(counted.ranked()[0]!.item).toBe('often')
  expect(counted.ranked().map(({ item }) => item)).toContain('i999')
})

test('what is no event is refused', () => {
  const counted = recentPopularity()
  expect(() => {
    counted.add('', 1)
  }).toThrow(/id of an item/)
  expect(() => {
    counted.add('a', NaN)
  }).toThrow(/must be a number/)
  expect(() => recentPopularity({ halfLifeMs: 0 })).toThrow(/above 0/)
  expect(() => recentPopularity({ freshMs: -1 })).toThrow(/at least 0/)
  expect(() => recentPopularity({ halflife: 1 } as never)).toThrow(/Did you mean 'halfLifeMs'/)
})
