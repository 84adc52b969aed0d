import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recentPopularity } from './recent-popularity.ts'

test('events count half as much after a half-life, in whatever order they come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 400 })), { minLength: 1 }),
      (events) => {
        const counted = recentPopularity({ halfLifeMs: 10 })
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
  expect(() => recentPopularity({ halflife: 1 } as never)).toThrow(/Did you mean 'halfLifeMs'/)
})
