import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { withTypedEvents } from '../events/typed-events.ts'
import { numberPattern } from './dialect.ts'
import { timeOf, timePattern } from './time-text.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-time-text-'))
afterAll(() => rmSync(folder, { recursive: true }))

const DAY = 86_400_000
/** 2020-01-01 is day 18262: fifty years, of which twelve are leap years. */
const NEW_YEAR = 18_262 * DAY
const TEN = NEW_YEAR + 36_000_000

const accepted: readonly (readonly [string, number])[] = [
  ['1970-01-01', 0],
  ['2020-01-01', NEW_YEAR],
  ['2020-01-01 10:00', TEN],
  ['2020-01-01T10:00', TEN],
  ['2020-01-01T10:00:00', TEN],
  ['2020-01-01 10:00:01', TEN + 1000],
  ['2020-01-01 10:00:00.5', TEN + 500],
  ['2020-01-01 10:00:00.123', TEN + 123],
  ['2020-01-01 10:00:00.000001', TEN + 0.001],
  ['1970-01-01 00:00:05.456789', 5456.789],
  ['2020-01-01T10:00Z', TEN],
  ['2020-01-01T10:00 Z', TEN],
  ['2020-01-01T10:00:00Z', TEN],
  ['2020-01-01T10:00:00.123456Z', TEN + 123.456],
  ['2020-01-01 10:00:00UTC', TEN],
  ['2020-01-01 10:00:00 UTC', TEN],
  ['2020-01-01 10:00UTC', TEN],
  ['2020-01-01 10:00:00+05', TEN - 5 * 3_600_000],
  ['2020-01-01 10:00:00 +05', TEN - 5 * 3_600_000],
  ['2020-01-01 10:00+05', TEN - 5 * 3_600_000],
  ['2020-01-01 10:00:00-0530', TEN + 5.5 * 3_600_000],
  ['2020-01-01 10:00:00.25 -0530', TEN + 5.5 * 3_600_000 + 250],
  ['2020-01-01 10:00:00+05:30', TEN - 5.5 * 3_600_000],
  ['2020-01-01 10:00 -05:30', TEN + 5.5 * 3_600_000],
  ['2020-01-01 10:00:00-00:30', TEN + 1_800_000],
  ['2020-01-01 10:00:00-0030', TEN + 1_800_000],
  ['2020-01-01 10:00:00+00', TEN],
  ['2020-01-01 10:00:00-00', TEN],
  ['2020-01-01 10:00:00+23:59', TEN - 86_340_000],
  ['2020-02-29', NEW_YEAR + 59 * DAY],
  ['2000-02-29', 11_016 * DAY],
  ['1969-12-31 23:59:59.999', -1],
  ['1969-12-31 23:59:59.999999', -0.001],
  ['1969-12-31T23:59:59.5Z', -500],
  // Day 719528 from the first of January of year 0, which is a leap year, to 1970.
  ['0000-01-01', -719_528 * DAY],
  ['0000-02-29', -719_469 * DAY],
  ['0001-01-01', -719_162 * DAY],
  ['0099-12-31', -683_004 * DAY],
  // Microseconds are past 2⁵³ here, milliseconds are not.
  ['9999-12-31 23:59:59.999', 2_932_897 * DAY - 1],
  ['0000-01-01 00:00:00.001', -719_528 * DAY + 1],
]

const refused = [
  ...['2019-02-29', '1900-02-29', '2020-02-30', '2020-04-31', '2020-00-10', '2020-13-01', '2020-01-00'],
  ...['2020-01-32', '2020-01-01 24:00', '2020-01-01 24:00:00', '2020-01-01 23:60', '2020-01-01 23:59:60'],
  ...['2020-01-01 10', '2020-01-01 1:00', '2020-1-1', '20-01-01', '02020-01-01', '-2020-01-01', '2020/01/01'],
  ...[
    '01/02/2020',
    '01.02.2020',
    '2020-01-01t10:00',
    '2020-01-01  10:00',
    '2020-01-01T',
    '2020-01-01 10:00:',
  ],
  ...['2020-01-01 10:00:00.', '2020-01-01 10:00:00,5', '2020-01-01 10:00:00.1234567', '2020-01-01 10:00.5'],
  ...['2020-01-01Z', '2020-01-01 UTC', '2020-01-01+02:00', '2020-01-01 10:00:00z', '2020-01-01 10:00:00 utc'],
  ...[
    '2020-01-01 10:00:00+5',
    '2020-01-01 10:00:00+5:30',
    '2020-01-01 10:00:00+24:00',
    '2020-01-01 10:00+05:60',
  ],
  ...[
    '2020-01-01 10:00:00  Z',
    '2020-01-01 10:00:00+05:30 Z',
    '2020-01-01 10:00:00 CET',
    '2020-01-01 10:00:00 EST',
  ],
  ...[
    ' 2020-01-01',
    '2020-01-01 ',
    '2020-01-01\n',
    '2020-01-01 10:00:00 (noon)',
    '\u0662\u0660\u0662\u0660-01-01',
  ],
  ...[
    'today',
    'now',
    'epoch',
    'infinity',
    '-infinity',
    '2020-W01-1',
    '2020-001',
    '20200101T100000',
    'T10:00',
  ],
]

/** What a file's column of times becomes, or the code of the error. */
async function fromFile(texts: readonly string[]): Promise<readonly (number | null)[] | string> {
  const path = join(folder, 'times.jsonl')
  writeFileSync(path, texts.map((text) => JSON.stringify({ time: text })).join('\n'))
  try {
    return await withTypedEvents(
      { path },
      [{ name: 'time', type: 'time' }],
      { spelling: { number: numberPattern, time: timePattern } },
      async (database) =>
        (await database.rows('SELECT to_json(c0) AS time FROM events ORDER BY rowid')).map(
          ({ time }) => JSON.parse(time!) as number | null,
        ),
    )
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error)
  }
}

test('accepted texts, online and from a file', async () => {
  expect(accepted.map(([text]) => [text, timeOf(text)])).toEqual(accepted)
  const read = await fromFile(accepted.map(([text]) => text))
  expect(accepted.map(([text], at) => [text, read[at]])).toEqual(accepted)
})

test('refused texts, online and from a file', { timeout: 60_000 }, async () => {
  expect(refused.filter((text) => timeOf(text) !== null)).toEqual([])
  for (const text of refused) expect([text, await fromFile([text])]).toEqual([text, 'COLUMN_INVALID'])
})

test('online and from a file agree on every text of this shape', async () => {
  const two = (max: number): fc.Arbitrary<string> =>
    fc.integer({ min: 0, max }).map((number) => String(number).padStart(2, '0'))
  const digits = fc.stringMatching(/^[0-9]{1,6}$/)
  const maybe = (arbitrary: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.option(arbitrary, { nil: '' })
  const joined = (...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((each) => each.join(''))
  const is = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts)
  const year = fc.oneof(
    fc.integer({ min: 0, max: 9999 }).map((number) => String(number).padStart(4, '0')),
    is('1969', '1970', '2000', '2024'),
  )
  const zone = joined(
    is('', ' '),
    fc.oneof(is('Z', 'UTC'), joined(is('+', '-'), two(23), maybe(joined(is('', ':'), two(59))))),
  )
  const clock = joined(
    two(23),
    is(':'),
    two(59),
    maybe(joined(is(':'), two(59), maybe(joined(is('.'), digits)))),
    maybe(zone),
  )
  const times = joined(year, is('-'), two(13), is('-'), two(31), maybe(joined(is(' ', 'T'), clock)))
  await fc.assert(
    fc.asyncProperty(fc.array(times, { minLength: 300, maxLength: 300 }), async (texts) => {
      const good = texts.filter((text) => timeOf(text) !== null)
      const bad = texts.filter((text) => timeOf(text) === null)
      if (good.length > 0) expect(await fromFile(good)).toEqual(good.map(timeOf))
      if (bad.length > 0) expect(await fromFile(bad.slice(0, 1))).toBe('COLUMN_INVALID')
    }),
    { numRuns: 5, endOnFailure: true },
  )
})
