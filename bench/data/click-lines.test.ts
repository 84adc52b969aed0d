import { describe, expect, test } from 'vitest'
import { clickLines, HEADER } from './click-lines.ts'

function text(clicks: number, seed: number): string {
  let all = ''
  // A piece is valid until the next one.
  for (const piece of clickLines({ clicks, seed })) all += Buffer.from(piece).toString()
  return all
}

const written = text(200_000, 1)
const lines = written.slice(HEADER.length, -1).split('\n')
const events = lines.map((line) => {
  const [session, time, item, category, price] = line.split(',') as [string, string, string, string, string]
  return { session, time: Date.parse(time), item, category, price }
})
type Event = (typeof events)[number]
const share = (matching: number): number => matching / events.length

function grouped(key: (event: Event) => string): ReadonlyMap<string, Event[]> {
  const groups = new Map<string, Event[]>()
  for (const event of events) {
    const group = groups.get(key(event))
    if (group === undefined) groups.set(key(event), [event])
    else group.push(event)
  }
  return groups
}

/** The clicks of each session in the order of time, then of the file. */
const sessions = [...grouped((event) => event.session).values()].map((session) =>
  session.sort((left, right) => left.time - right.time),
)

describe('the log of clicks', () => {
  test('is lines of the form that is promised', () => {
    expect(written.startsWith(HEADER)).toBe(true)
    expect(written.endsWith('\n')).toBe(true)
    const form =
      /^[12][0-9]{9},2014-0[45]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z,214[0-9]{6},([1-4][0-9]{2})?,[0-9]+\.[0-9]{2}$/
    expect(lines.filter((line) => !form.test(line))).toEqual([])
  })

  test.each([1, 5, 131_072, 300_001])('has exactly %d clicks', (clicks) => {
    const count = text(clicks, 3).split('\n').length - 2
    expect(count).toBe(clicks)
  })

  test('is the same for the same seed, another for another', () => {
    expect(text(1000, 7)).toBe(text(1000, 7))
    expect(text(1000, 7)).not.toBe(text(1000, 8))
  })

  test('has sessions of geometric length with mean 3.6', () => {
    expect(Math.abs(events.length / sessions.length - 3.6)).toBeLessThan(0.05)
    // P(length > k) = (1 − 1 ÷ 3.6)^k
    for (const k of [1, 5, 10]) {
      const longer = sessions.filter((session) => session.length > k).length / sessions.length
      expect(Math.abs(longer - (1 - 1 / 3.6) ** k), `longer than ${k}`).toBeLessThan(0.01)
    }
  })

  test('is nearly in the order of time, so that sessions interleave', () => {
    const backwards = events.filter((event, at) => at > 0 && event.time < events[at - 1]!.time).length
    expect(share(backwards)).toBeGreaterThan(0.002)
    expect(share(backwards)).toBeLessThan(0.05)
    const beside = events.filter((event, at) => event.session === events[at - 1]?.session).length
    expect(share(beside)).toBeLessThan(0.15)
    const first = sessions.map(([begin]) => begin!.time)
    const day = (time: number): number => Math.floor((time - Date.UTC(2014, 3, 1)) / 86_400_000)
    expect(new Set(first.map(day))).toEqual(new Set(Array.from({ length: 30 }, (_, at) => at)))
  })

  test('repeats items, has equal times, missing categories and a heavy tail', () => {
    const pairs = sessions.flatMap((session) => session.slice(1).map((event, at) => [session[at]!, event]))
    const repeats = pairs.filter(([before, after]) => before!.item === after!.item).length / pairs.length
    expect(repeats).toBeGreaterThan(0.07)
    expect(repeats).toBeLessThan(0.1)
    expect(pairs.filter(([before, after]) => before!.time === after!.time).length).toBeGreaterThan(100)
    expect(Math.abs(share(events.filter((event) => event.category === '').length) - 0.2)).toBeLessThan(0.05)
    expect(new Set(events.map((event) => event.category)).size).toBe(341)
    const counts = [...grouped((event) => event.item).values()].map((all) => all.length)
    expect(share(Math.max(...counts))).toBeGreaterThan(0.01)
    expect(counts.length).toBeGreaterThan(60_000)
  })

  test('gives an item one category and one price', () => {
    const items = grouped((event) => event.item)
    const several = [...items.values()].filter(
      (all) => new Set(all.map((event) => `${event.category} ${event.price}`)).size > 1,
    )
    expect(several).toEqual([])
  })
})
