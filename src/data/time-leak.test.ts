import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import type { Sessions } from './sessions.ts'
import { sessionsOf } from './sessions-of.test-support.ts'
import { splitSessions } from './splits/split-sessions.ts'
import { splitExamples } from './splits/splits.test-support.ts'
import { timeLeak } from './time-leak.ts'

const at = (...times: readonly (readonly number[])[]): Sessions =>
  sessionsOf(
    times.map((session) => session.map(() => 2)),
    times,
  )

/** Sessions of 1 to 10 events that begin at any time from 0 to 1000 and overlap. */
const overlapping = (seed: number): Sessions => {
  const random = createRandom(seed)
  return at(
    ...Array.from({ length: 60 }, () => {
      let time = random.below(1000)
      return Array.from({ length: 1 + random.below(10) }, () => (time += random.below(30)))
    }),
  )
}

describe('timeLeak', () => {
  test('counts the training events that are later than the first target of each part', () => {
    const parts = {
      train: at([1, 5, 9], [7, 8, 12]),
      validation: at([2, 7], [8, 20]),
      test: at([3, 11], [4]),
    }
    expect(timeLeak(parts)).toEqual({
      leaks: true,
      trainingUntil: 12,
      validationFrom: 7,
      testFrom: 11,
      trainingEvents: 6,
      eventsAfter: { validation: 3, test: 1 },
      share: 0.5,
    })
  })

  test('nothing leaks where targets come after, or at the very time of the last training event', () => {
    const parts = { train: at([1, 5], [7]), validation: at([0, 7]), test: at([3, 11]) }
    expect(timeLeak(parts)).toMatchObject({ leaks: false, eventsAfter: { validation: 0, test: 0 }, share: 0 })
  })

  test('parts without targets have no first one; a session of one event has none', () => {
    expect(timeLeak({ train: at([1, 5]), validation: at([0], []), test: at() })).toEqual({
      leaks: false,
      trainingUntil: 5,
      trainingEvents: 2,
      eventsAfter: { validation: 0, test: 0 },
      share: 0,
    })
    expect(timeLeak({ train: at(), validation: at(), test: at([1, 2]) })).toEqual({
      leaks: false,
      testFrom: 2,
      trainingEvents: 0,
      eventsAfter: { validation: 0, test: 0 },
      share: 0,
    })
  })

  test.each(['train', 'validation', 'test'])('%s without times is refused', (part) => {
    const parts = {
      train: at([1, 2]),
      validation: at([1, 2]),
      test: at([1, 2]),
      [part]: sessionsOf([[2, 3]]),
    }
    expect(() => timeLeak(parts)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /timeLeak expects the parts of a split, .*received undefined/],
    ['an object', {}, /timeLeak: train expects sessions in memory.*received undefined/],
    ['a part alone', { train: at([1, 2]) }, /timeLeak: validation expects sessions/],
    ['a prepared folder', { train: { blocks: [] } }, /timeLeak: train expects .*received an object/],
  ])('%s is refused', (_, parts, message) => {
    expect(() => timeLeak(parts as never)).toThrow(message)
  })

  test.each(Object.values(splitExamples))(
    'of a split of kind $split.kind: leaks $leaks',
    ({ split, leaks }) => {
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const { share } = timeLeak(splitSessions(overlapping(seed), split))
          if (leaks) expect(share).toBeGreaterThan(0.3)
          else expect(share).toBe(0)
        }),
      )
    },
  )
})
