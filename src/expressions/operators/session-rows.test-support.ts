import * as e from '../build.ts'
import { flag, of, other, text, time, x, type OperatorRow } from './check-operators.test-support.ts'

/** Two sessions, one within the other. */
const session = ['1', '1', '2', '1', '2', '1']

export const sessionRows: readonly OperatorRow[] = [
  {
    operator: 'lag',
    name: 'the value before it in the session',
    expression: e.lag(text),
    events: of({ session, text: ['a', 'b', 'c', null, 'd', 'e'] }),
    expected: [null, 'a', null, 'b', 'c', null],
  },
  {
    operator: 'lag',
    name: 'two events before, of truth values',
    expression: e.lag(flag, 2),
    events: of({ session, flag: [true, false, true, true, false, null] }),
    expected: [null, null, null, true, null, false],
  },
  {
    operator: 'lag',
    name: 'further than any session goes back',
    expression: e.lag(x, 1_000_000),
    events: of({ session, x: [1, 2, 3, 4, 5, 6] }),
    expected: [null, null, null, null, null, null],
  },
  {
    operator: 'lag',
    name: 'of itself',
    expression: e.lag(e.lag(x)),
    events: of({ session, x: [1, 2, 3, 4, 5, 6] }),
    expected: [null, null, null, 1, null, 2],
  },
  {
    operator: 'lag',
    name: 'of a value that is the same for all: missing for the first event',
    expression: e.lag(e.choose(e.isMissing(x), 7, 7)),
    events: of({ session, x: [1, 2, 3, 4, 5, 6] }),
    expected: [null, 7, null, 7, 7, 7],
  },
  {
    operator: 'lag',
    name: 'milliseconds since the last event',
    builder: 'sinceLast',
    expression: e.sinceLast(time),
    events: of({
      session,
      time: [
        '2024-03-31T00:59:59Z',
        '2024-03-31T01:00:00.5Z',
        '2024-03-31 05:00',
        null,
        '2024-03-31 04:00',
        '2024-03-31 06:00',
      ],
    }),
    expected: [null, 1500, null, null, -3_600_000, null],
  },
  {
    operator: 'position',
    name: 'in each session, from 0',
    expression: e.position(),
    events: of({ session, x: [1, 1, 1, 1, 1, 1] }),
    expected: [0, 1, 0, 2, 1, 3],
  },
  {
    operator: 'seenBefore',
    name: 'of a text, missing is never seen',
    expression: e.seenBefore(text),
    events: of({ session: [...session, '1'], text: ['a', null, 'a', 'a', 'b', null, 'a'] }),
    expected: [false, false, false, true, false, false, true],
  },
  {
    operator: 'seenBefore',
    name: 'of a number, however it is spelled',
    expression: e.seenBefore(x),
    events: of({ x: ['-0', 0, '1.0', 1, 2, null, null] }),
    expected: [false, true, false, true, false, false, false],
  },
  {
    operator: 'seenBefore',
    name: 'of texts that look alike',
    expression: e.seenBefore(text),
    events: of({ text: ['\u00e9', 'e\u0301', 'A', 'a', 'a ', '\u00e9', '\u{1f600}', '\uff5e', '\u{1f600}'] }),
    expected: [false, false, false, false, false, true, false, false, true],
  },
  {
    operator: 'first',
    name: 'the value of the first event, also where it is missing',
    expression: e.first(text),
    events: of({ session, text: ['a', 'b', null, 'c', 'd', null] }),
    expected: ['a', 'a', null, 'a', null, 'a'],
  },
  {
    operator: 'first',
    name: 'of what is computed from other events',
    expression: e.first(e.lag(x)),
    events: of({ session, x: [1, 2, 3, 4, 5, 6] }),
    expected: [null, null, null, null, null, null],
  },
]

const windowed = e.recentCount(time, { by: text, windowMs: 1000 })

export const streamRows: readonly OperatorRow[] = [
  {
    operator: 'recentCount',
    name: "the window's first moment counts, events of the same moment do not",
    expression: windowed,
    events: of({
      text: ['a', 'a', 'a', 'a', 'a', 'a', 'b'],
      time: [0, 1000, 1001, 1001, 2001, 2002, 2001],
    }),
    // 2001 sees both of 1001, and 1000 no more; 2002 sees 2001 alone.
    expected: [0, 1, 1, 1, 2, 1, 0],
  },
  {
    operator: 'recentCount',
    name: 'over all sessions, in whatever order they come',
    expression: windowed,
    events: of({
      session: ['1', '2', '1', '3', '2'],
      text: ['a', 'a', 'a', 'a', 'a'],
      time: [500, 0, 1400, 999, 700],
    }),
    expected: [1, 0, 3, 3, 2],
  },
  {
    operator: 'recentCount',
    name: 'missing without a time or a key, and unseen by others',
    expression: e.recentCount(time, { by: [text, other], windowMs: 1000 }),
    events: of({
      text: ['a', 'a', null, 'a', 'a', 'a'],
      other: ['b', 'b', 'b', null, 'b', '\u{1f600}'],
      time: [0, null, 0, 0, 1, 1],
    }),
    expected: [0, null, null, null, 1, 0],
  },
  {
    operator: 'recentCount',
    name: 'keys of several texts that would be one when joined',
    expression: e.recentCount(time, { by: [text, other], windowMs: 1000 }),
    events: of({
      text: ['a\u001f|b', 'a', 'a\u001f', 'a'],
      other: ['c', 'b\u001f|c', '|b', 'b\u001f|c'],
      time: [0, 1, 2, 3],
    }),
    expected: [0, 0, 0, 1],
  },
  {
    operator: 'recentCount',
    name: 'negative times, and a window of less than a millisecond',
    expression: e.recentCount(time, { by: text, windowMs: 0.5 }),
    events: of({
      text: ['a', 'a', 'a', 'a'],
      time: [
        '1969-12-31 23:59:59.9995',
        '1970-01-01 00:00:00',
        '1970-01-01 00:00:00.0005',
        '1970-01-01 00:00:00.0006',
      ],
    }),
    expected: [0, 1, 1, 1],
  },
  {
    operator: 'recentCount',
    name: 'of a key that is computed',
    expression: e.recentCount(time, { by: e.toText(e.floor(x)), windowMs: 86_400_000 }),
    events: of({
      x: [1.2, 1.9, 2, '1.0'],
      time: ['2024-03-31', '2024-03-31 23:00', '2024-03-31', '2024-04-01'],
    }),
    expected: [0, 1, 0, 2],
  },
]
