import * as e from '../build.ts'
import { keyed, of, time, x, type OperatorRow } from './check-operators.test-support.ts'

const saoPaulo = { timeZone: 'America/Sao_Paulo' }
const berlin = { timeZone: 'Europe/Berlin' }
const HOUR = 3_600_000

/** The clocks went from 00:00 to 01:00, that is at 03:00 UTC: 2018-11-04 has no first hour. */
const brazilianSpring = of({
  time: [
    '2018-11-04T02:59:59.999Z',
    '2018-11-04T03:00Z',
    '2018-11-04 03:59:59.999999',
    '2018-11-04 01:00:00-03',
    '2018-11-05T01:59:59Z',
    null,
  ],
})
/** The clocks went from 02:00 to 03:00, that is at 01:00 UTC. */
const germanSpring = of({
  time: [
    '2024-03-30 23:00',
    '2024-03-31 00:59:59.999',
    '2024-03-31 01:00',
    '2024-03-31 22:00',
    '2024-03-31 21:59:59.999',
  ],
})
/** The clocks went from 03:00 back to 02:00, that is at 01:00 UTC: the hour from 02:00 was there twice. */
const germanAutumn = of({
  time: [
    '2024-10-26 22:00',
    '2024-10-27 00:00',
    '2024-10-27 00:59:59.999',
    '2024-10-27 01:00',
    '2024-10-27 02:00',
    '2024-10-27 22:59:59.999',
    '2024-10-27 23:00',
  ],
})
const early = of({ time: [0, -1, -0.001, -86_400_000, -86_400_001, 86_399_999.999, '86400000', null] })

export const calendarRows: readonly OperatorRow[] = [
  {
    operator: 'hour',
    name: 'UTC, also before 1970',
    expression: e.hour(time),
    events: early,
    expected: [0, 23, 23, 0, 23, 23, 0, null],
    state: keyed([], { from: [], ms: [0] }),
  },
  {
    operator: 'weekday',
    name: 'Monday is 0: 1970 began on a Thursday',
    expression: e.weekday(time),
    events: early,
    expected: [3, 2, 2, 2, 1, 3, 4, null],
    state: keyed([], { from: [], ms: [0] }),
  },
  {
    operator: 'day',
    name: 'since 1970, also before',
    expression: e.day(time),
    events: early,
    expected: [0, -1, -1, -1, -2, 0, 1, null],
    state: keyed([], { from: [], ms: [0] }),
  },
  {
    operator: 'hour',
    name: 'Brazil, spring 2018',
    expression: e.hour(time, saoPaulo),
    events: brazilianSpring,
    expected: [23, 1, 1, 2, 23, null],
  },
  // Saturday to Sunday to Sunday to Sunday to Sunday: 01:59:59 UTC is 23:59:59 there.
  {
    operator: 'weekday',
    name: 'Brazil, spring 2018',
    expression: e.weekday(time, saoPaulo),
    events: brazilianSpring,
    expected: [5, 6, 6, 6, 6, null],
  },
  // 2018 began with day 17532; November 4 is its day 308 from 0, being no leap year.
  {
    operator: 'day',
    name: 'Brazil, spring 2018',
    expression: e.day(time, saoPaulo),
    events: brazilianSpring,
    expected: [17_838, 17_839, 17_839, 17_839, 17_839, null],
  },
  {
    operator: 'hour',
    name: 'Germany, spring 2024',
    expression: e.hour(time, berlin),
    events: germanSpring,
    expected: [0, 1, 3, 0, 23],
  },
  {
    operator: 'weekday',
    name: 'Germany, spring 2024',
    expression: e.weekday(time, berlin),
    events: germanSpring,
    expected: [6, 6, 6, 0, 6],
  },
  // 2024 began with day 19723; March 31 is its day 90 from 0, being a leap year.
  {
    operator: 'day',
    name: 'Germany, spring 2024',
    expression: e.day(time, berlin),
    events: germanSpring,
    expected: [19_813, 19_813, 19_813, 19_814, 19_813],
  },
  {
    operator: 'hour',
    name: 'Germany, autumn 2024',
    expression: e.hour(time, berlin),
    events: germanAutumn,
    expected: [0, 2, 2, 2, 3, 23, 0],
  },
  {
    operator: 'weekday',
    name: 'Germany, autumn 2024',
    expression: e.weekday(time, berlin),
    events: germanAutumn,
    expected: [6, 6, 6, 6, 6, 6, 0],
  },
  {
    operator: 'day',
    name: 'Germany, autumn 2024',
    expression: e.day(time, berlin),
    events: germanAutumn,
    expected: [20_023, 20_023, 20_023, 20_023, 20_023, 20_023, 20_024],
  },
  {
    operator: 'hour',
    name: 'a zone of half hours that changed twice',
    expression: e.hour(time, { timeZone: 'America/Caracas' }),
    events: of({
      time: [
        '2007-12-09T06:59:59Z',
        '2007-12-09T07:00Z',
        '2007-12-09T07:30Z',
        '2016-05-01T06:59:59Z',
        '2016-05-01T07:00Z',
        '1950-01-01T12:00Z',
        '2100-01-01T12:00Z',
      ],
    }),
    expected: [2, 2, 3, 2, 3, 8, 8],
    state: keyed([], {
      from: [Date.UTC(2007, 11, 9, 7), Date.UTC(2016, 4, 1, 7)],
      ms: [-4 * HOUR, -4.5 * HOUR, -4 * HOUR],
    }),
  },
  {
    operator: 'hour',
    name: 'summers of the eighties',
    expression: e.hour(time, berlin),
    events: of({ time: ['1985-07-01T12:00Z', '1985-01-01T12:00Z', '1979-07-01T12:00Z'] }),
    expected: [14, 13, 13],
  },
  {
    operator: 'hour',
    name: 'a zone that changed there and back in twelve days',
    expression: e.hour(time, { timeZone: 'America/Argentina/Tucuman' }),
    events: of({ time: ['2004-05-31T12:00Z', '2004-06-08T23:24Z', '2004-06-14T12:00Z'] }),
    expected: [9, 19, 9],
  },
  {
    operator: 'day',
    name: 'a zone ahead of UTC that never changed',
    expression: e.day(time, { timeZone: 'Asia/Kolkata' }),
    events: of({ time: ['2020-01-01T18:29:59.999Z', '2020-01-01T18:30Z'] }),
    expected: [18_262, 18_263],
    state: keyed([], { from: [], ms: [5.5 * HOUR] }),
  },
  {
    operator: 'hour',
    name: 'of numbers that are no time: beyond the dates there are',
    expression: e.hour(x),
    events: of({ x: [8.64e15, 8.640000000000001e15, -8.64e15, -8.640000000000001e15, 1e300, null] }),
    expected: [0, null, 0, null, null, null],
  },
  {
    operator: 'day',
    name: 'of numbers that are no time',
    expression: e.day(x, berlin),
    events: of({ x: [8.64e15, 1e17, -1e308] }),
    expected: [1e8, null, null],
  },
  {
    operator: 'weekday',
    name: 'of numbers that are no time',
    expression: e.weekday(x, saoPaulo),
    events: of({ x: [0, 1e17, -1e308] }),
    expected: [2, null, null],
  },
]
