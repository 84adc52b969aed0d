import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UNKNOWN } from '../codes.ts'
import { type Batch, batchDensity, type BatchPlan, planEvaluation, planTraining } from './batches.ts'
import type { Sessions } from './sessions.ts'
import { anySessions, sessionsOf } from './sessions-of.test-support.ts'

const plans = fc.record({
  maxLength: fc.integer({ min: 1, max: 60 }),
  batchSize: fc.integer({ min: 1, max: 12 }),
})
const training = fc.record({
  maxLength: fc.integer({ min: 1, max: 60 }),
  batchSize: fc.integer({ min: 1, max: 12 }),
  seed: fc.nat(),
  epoch: fc.nat({ max: 100 }),
  lengthPool: fc.integer({ min: 1, max: 4 }),
})

function batchesOf(plan: BatchPlan): readonly Batch[] {
  return Array.from({ length: plan.count }, (_, index) => plan.batch(index))
}

/** Checks the places of a batch and returns its labels as [event of the input, event of the label], session by session. */
function checkedPairs(sessions: Sessions, batch: Batch, maxLength: number): readonly (readonly number[])[] {
  const { rows, time, segments, positions, items } = batch
  const places = batch.categorical['place']!
  for (const array of [segments, positions, items, places]) expect(array.length).toBe(rows * time)
  let seen = 0
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < time; column++) {
      const place = row * time + column
      const segment = segments[place]!
      if (segment === 0) {
        expect([items[place], positions[place], places[place]]).toEqual([0, 0, 0])
        // Padding is at the end of a row only.
        if (column + 1 < time) expect(segments[place + 1]).toBe(0)
        continue
      }
      expect(items[place]).toBe(sessions.items[places[place]!])
      const before = column === 0 ? 0 : segments[place - 1]!
      if (segment === before) {
        expect(positions[place]).toBe(positions[place - 1]! + 1)
        expect(places[place]).toBe(places[place - 1]! + 1)
      } else {
        expect([segment, positions[place]]).toEqual([before + 1, 0])
        seen++
      }
      expect(positions[place]).toBeLessThan(maxLength)
    }
  }
  expect(seen).toBe(batch.sessionIndices.length)
  return Array.from(batch.labelPositions, (place, label) => {
    expect(segments[place]).toBeGreaterThan(0)
    const input = places[place]!
    expect(batch.labelItems[label]).toBe(sessions.items[input + 1])
    return [input, input + 1]
  })
}

/** All pairs that training must show, told from the definition. */
function expectedPairs(sessions: Sessions, maxLength: number): readonly (readonly number[])[] {
  const pairs: number[][] = []
  for (let index = 0; index < sessions.count; index++) {
    const [start, end] = [sessions.offsets[index]!, sessions.offsets[index + 1]!]
    for (let event = Math.max(start, end - maxLength - 1); event + 1 < end; event++) {
      if (sessions.items[event + 1] !== UNKNOWN) pairs.push([event, event + 1])
    }
  }
  return pairs
}

const byInput = (left: readonly number[], right: readonly number[]): number => left[0]! - right[0]!

describe('training', () => {
  test('every input with a known next item, exactly once', () => {
    fc.assert(
      fc.property(anySessions, training, (sessions, options) => {
        const batches = batchesOf(planTraining(sessions, options))
        const pairs = batches.flatMap((batch) => checkedPairs(sessions, batch, options.maxLength))
        expect([...pairs].sort(byInput)).toEqual(expectedPairs(sessions, options.maxLength))
        for (const batch of batches)
          expect(batch.sessionIndices.length).toBeLessThanOrEqual(options.batchSize)
        for (const batch of batches.slice(0, -1)) expect(batch.sessionIndices.length).toBe(options.batchSize)
        for (const batch of batches) {
          const rank = new Map([...batch.sessionIndices.entries()].map(([place, index]) => [index, place]))
          const order = checkedPairs(sessions, batch, options.maxLength).map(([input]) => {
            const session = sessions.offsets.findLastIndex((offset) => offset <= input!)
            return rank.get(session)! * 10_000 + input! - sessions.offsets[session]!
          })
          expect(order).toEqual([...order].sort((left, right) => left - right))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('a batch does not depend on those asked for before, nor on the plan it is asked of', () => {
    fc.assert(
      fc.property(anySessions, training, (sessions, options) => {
        const inOrder = batchesOf(planTraining(sessions, options))
        const plan = planTraining(sessions, options)
        for (let index = plan.count - 1; index >= 0; index--)
          expect(plan.batch(index)).toEqual(inOrder[index])
      }),
      { numRuns: 30 },
    )
  })

  test('worked out by hand: the latest events, unknown items as inputs only', () => {
    // s0 is cut to its last 4 events; s1 has no known item after the first; s2 one label; s3 one event.
    const sessions = sessionsOf([[9, 2, 3, 4, 5], [2, 1], [1, 6], [7]])
    const plan = planTraining(sessions, { maxLength: 3, batchSize: 8, seed: 1, epoch: 0 })
    expect(plan.count).toBe(1)
    const batch = plan.batch(0)
    const s0first = batch.sessionIndices[0] === 0
    expect(new Set(batch.sessionIndices)).toEqual(new Set([0, 2]))
    expect(batch).toMatchObject({ rows: 2, time: 3 })
    expect(batch.items).toEqual(Int32Array.of(2, 3, 4, 1, 0, 0))
    expect(batch.segments).toEqual(Int32Array.of(1, 1, 1, 1, 0, 0))
    expect(batch.positions).toEqual(Int32Array.of(0, 1, 2, 0, 0, 0))
    expect(batch.labelPositions).toEqual(s0first ? Int32Array.of(0, 1, 2, 3) : Int32Array.of(3, 0, 1, 2))
    expect(batch.labelItems).toEqual(s0first ? Int32Array.of(3, 4, 5, 6) : Int32Array.of(6, 3, 4, 5))
    expect(batchDensity(batch)).toBeCloseTo(4 / 6)
  })

  const many = sessionsOf(
    Array.from({ length: 600 }, (_, index) => new Array<number>(2 + (index % 40)).fill(2)),
  )
  const order = (seed: number, epoch: number, lengthPool = 1): readonly number[] =>
    batchesOf(planTraining(many, { maxLength: 50, batchSize: 16, seed, epoch, lengthPool })).flatMap(
      (batch) => [...batch.sessionIndices],
    )

  test('each epoch and each seed has its own order', () => {
    const orders = [order(1, 0), order(1, 1), order(2, 0), order(1, 0, 4)].map((each) => each.join())
    expect(new Set(orders).size).toBe(4)
    expect(order(1, 1)).toEqual(order(1, 1))
  })

  test('pools put sessions of like length together, in batches of random order', () => {
    const spreads = (lengthPool: number): readonly number[] =>
      batchesOf(planTraining(many, { maxLength: 50, batchSize: 16, seed: 1, epoch: 0, lengthPool })).map(
        (batch) => {
          const lengths = [...batch.sessionIndices].map((index) => index % 40)
          return Math.max(...lengths) - Math.min(...lengths)
        },
      )
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, each) => sum + each, 0) / values.length
    expect(mean(spreads(8))).toBeLessThan(mean(spreads(1)) / 3)
    const firsts = order(1, 0, 8).filter((_, place) => place % 16 === 0)
    const rising = firsts.filter((index, place) => place > 0 && index % 40 >= firsts[place - 1]! % 40)
    expect(rising.length).toBeLessThan(firsts.length * 0.75)
  })
})

describe('evaluation', () => {
  test('the last event of each session of two or more is its one label, in the order of the sessions', () => {
    fc.assert(
      fc.property(anySessions, plans, (sessions, options) => {
        const ranked = batchesOf(planEvaluation(sessions, options)).flatMap((batch) => {
          const pairs = checkedPairs(sessions, batch, options.maxLength)
          expect(pairs.map(([, label]) => label)).toEqual(
            [...batch.sessionIndices].map((index) => sessions.offsets[index + 1]! - 1),
          )
          const inputs = batch.segments.filter((segment) => segment > 0).length
          const expected = [...batch.sessionIndices].map((index) =>
            Math.min(options.maxLength, sessions.offsets[index + 1]! - sessions.offsets[index]! - 1),
          )
          expect(inputs).toBe(expected.reduce((sum, length) => sum + length, 0))
          return [...batch.sessionIndices]
        })
        const usable = [...sessions.ids.keys()].filter(
          (index) => sessions.offsets[index + 1]! - sessions.offsets[index]! > 1,
        )
        expect([...ranked].sort((left, right) => left - right)).toEqual(usable)
      }),
      { numRuns: 60 },
    )
  })

  test('an unknown target stays, for the evaluation to count', () => {
    const batch = planEvaluation(sessionsOf([[2, 1]]), { maxLength: 5, batchSize: 1 }).batch(0)
    expect(batch.labelItems).toEqual(Int32Array.of(UNKNOWN))
  })
})

const good = { maxLength: 5, batchSize: 2 }
const seeded = { ...good, seed: 1, epoch: 0 }
const usable = sessionsOf([[2, 3, 4]])
const bad: readonly (readonly [string, () => unknown, string])[] = [
  ['maxLength 0', () => planEvaluation(usable, { ...good, maxLength: 0 }), 'OPTION_INVALID'],
  ['half a batch', () => planTraining(usable, { ...seeded, batchSize: 0.5 }), 'OPTION_INVALID'],
  ['epoch −1', () => planTraining(usable, { ...seeded, epoch: -1 }), 'OPTION_INVALID'],
  ['lengthPool 0', () => planTraining(usable, { ...seeded, lengthPool: 0 }), 'OPTION_INVALID'],
  ['seed −1', () => planTraining(usable, { ...seeded, seed: -1 }), 'OPTION_INVALID'],
  ['a misspelt option', () => planEvaluation(usable, { ...good, batchsize: 1 } as never), 'OPTION_UNKNOWN'],
  ['batch 1 of 1', () => planEvaluation(usable, good).batch(1), 'OPTION_INVALID'],
  ['single events', () => planEvaluation(sessionsOf([[2], [3]]), good), 'SESSIONS_TOO_FEW'],
  ['unknown labels only', () => planTraining(sessionsOf([[2, 1, 1], [3]]), seeded), 'SESSIONS_TOO_FEW'],
]
test.each(bad)('refuses %s', (_what, act, code) => {
  expect(act).toThrow(expect.objectContaining({ code }) as Error)
})
