import { EnsuiteError } from '../../errors.ts'
import { checkOptions } from '../../options.ts'
import { expectInputs, shown } from '../infer.ts'
import { operator, type Operator, type State } from '../operator.ts'
import { ofNumbers } from '../value.ts'
import { offsetAt, offsetsOf, type Offsets } from '../time-zone.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The last and, negative, the first instant that is a date: what is beyond is no time in milliseconds. */
const LAST = 8.64e15

/** A part of the local time of an instant, in milliseconds since 1970-01-01 UTC; null for a number that is no time. */
const part = (name: string, sql: (local: string) => string, compute: (local: number) => number): Operator =>
  operator<{ readonly timeZone?: string }>({
    name,
    whole: true,
    scope: 'event',
    infer: (inputs, options) => {
      checkOptions(name, options, ['timeZone'])
      expectInputs(name, inputs, ['number'])
      const { timeZone = 'UTC' } = options
      checkTimeZone(name, timeZone)
      return 'number'
    },
    fit: {
      keys: () => [],
      columns: () => ({}),
      totals: () => ({}),
      state: (aggregated) => aggregated,
      // The zone's changes are part of what is saved: another machine's tables may differ.
      check: ({ columns }) => {
        const { from, ms } = columns as unknown as Offsets
        return (
          ms.length === from.length + 1 &&
          [...from, ...ms].every((each) => Number.isSafeInteger(each)) &&
          from.every((each, at) => at === 0 || from[at - 1]! < each)
        )
      },
      given: ({ timeZone = 'UTC' }) => ({ keys: [], columns: { ...offsetsOf(timeZone) }, totals: {} }),
    },
    sql: ([time], { dialect, fitted }) => {
      const offsets = fitted.columns as unknown as Offsets
      const local =
        offsets.from.length === 0
          ? `(${time!} + ${dialect.literal(offsets.ms[0]!)})`
          : `(${time!} + ${dialect.pick(offsets.ms, dialect.countAtMost(time!, offsets.from))})`
      return `CASE WHEN abs(${time!}) <= ${dialect.literal(LAST)} THEN ${sql(local)} + 0 END`
    },
    evaluate: (values, { fitted }: { readonly fitted: State }) =>
      ofNumbers(values, (time) =>
        Math.abs(time) <= LAST
          ? compute(time + offsetAt(fitted.columns as unknown as Offsets, time)) + 0
          : NaN,
      ),
  })

function checkTimeZone(name: string, timeZone: unknown): void {
  try {
    if (typeof timeZone !== 'string') throw new TypeError('a text is expected')
    new Intl.DateTimeFormat('en', { timeZone })
  } catch (cause) {
    throw new EnsuiteError(
      'OPTION_INVALID',
      `'${name}': ${shown(timeZone)} is no time zone. Write it as in 'America/Sao_Paulo' or 'UTC'.`,
      { cause },
    )
  }
}

const modulo = (value: number, by: number): number => value - by * Math.floor(value / by)

export const calendar: readonly Operator[] = [
  /** Hours since midnight, with their fraction left out: 0 … 23. */
  part(
    'hour',
    (local) => `floor((${local} - ${DAY} * floor(${local} / ${DAY})) / ${HOUR})`,
    (local) => Math.floor(modulo(local, DAY) / HOUR),
  ),
  /** Monday is 0, Sunday 6, as in pandas. */
  part(
    'weekday',
    (local) => `(floor(${local} / ${DAY}) + 3) - 7 * floor((floor(${local} / ${DAY}) + 3) / 7)`,
    (local) => modulo(Math.floor(local / DAY) + 3, 7),
  ),
  /** Days since 1970-01-01. */
  part(
    'day',
    (local) => `floor(${local} / ${DAY})`,
    (local) => Math.floor(local / DAY),
  ),
]
