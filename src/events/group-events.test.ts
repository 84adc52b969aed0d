import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupEvents } from './group-events.ts'

test('sessions by first appearance; inside by time, then by place', () => {
  const event = fc.record({ session: fc.nat({ max: 4 }), time: fc.nat({ max: 3 }) })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.boolean(), (events, timed) => {
      const ids = [...new Set(events.map(({ session }) => session))]
      const raw = groupEvents({
        session: {
          values: ids.map(String),
          codes: Int32Array.from(events, ({ session }) => ids.indexOf(session)),
        },
        columns: { place: { values: [], codes: Int32Array.from(events.keys()) } },
        ...(timed ? { times: Float64Array.from(events, ({ time }) => time) } : {}),
      })
      const expected = ids.map((id) =>
        [...events.keys()]
          .filter((place) => events[place]!.session === id)
          .sort((left, right) => (timed ? events[left]!.time - events[right]!.time : 0) || left - right),
      )
      const { offsets, columns, times } = raw
      const grouped = ids.map((_, index) => [
        ...columns['place']!.codes.subarray(offsets[index], offsets[index + 1]),
      ])
      expect(grouped).toEqual(expected)
      expect(raw.sessionIds).toEqual(ids.map(String))
      if (timed) expect([...times!]).toEqual(expected.flat().map((place) => events[place]!.time))
    }),
  )
})
