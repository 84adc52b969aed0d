import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { withDatabase } from '../events/database.ts'
import { literal } from '../events/sql.ts'
import { temporaryFolder } from '../events/test-files.test-support.ts'
import { expressions as e } from '../expressions/index.ts'
import { prepare } from './prepare.ts'
import { openPrepared } from './prepared-sessions.ts'
import { workflow } from './workflow.ts'

const folder = temporaryFolder()
const item = e.column('item', 'text')
const time = e.column('time', 'time')
const features = workflow({
  session: 'session',
  time: 'time',
  features: {
    item: e.categorify(item),
    at: time,
    price: e.normalize(e.log(e.column('price', 'number'))),
    recency: e.recencyDays(time, item),
  },
})
const HEADER = 'session,item,price,time\n'
const GOOD = Array.from(
  { length: 50 },
  (_, at) => `s${at % 10},i${at % 7},${at},2024-01-01T00:00:${10 + at}Z\n`,
).join('')
const LONG = 'x'.repeat(5_000_000)
const bytes = (...parts: readonly (string | number)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))))

beforeAll(() =>
  withDatabase(
    [],
    async (database) => {
      const write = (name: string, price: string, at: string): Promise<void> =>
        database.run(
          `COPY (SELECT 's' || (i % 100) AS session, 'i' || (i % 7) AS item, ${price} AS price, ${at} AS time FROM range(20000) AS t(i)) ` +
            `TO ${literal(folder.path(name))} (FORMAT parquet)`,
        )
      const clock = `TIMESTAMP '2024-01-01' + to_seconds(i)`
      await write('whole.parquet', 'i::DOUBLE', clock)
      await write('infinite.parquet', "CASE WHEN i = 77 THEN '-inf'::DOUBLE ELSE i END", clock)
      await write(
        'end-of-time.parquet',
        'i::DOUBLE',
        `CASE WHEN i = 5 THEN TIMESTAMP 'infinity' ELSE ${clock} END`,
      )
      const whole = readFileSync(folder.path('whole.parquet'))
      folder.write('cut.parquet', whole.subarray(0, whole.length - 500))
      folder.write('stub.parquet', whole.subarray(0, 10))
      folder.write('hole.parquet', Buffer.from(whole).fill(0, 500, 3000))
      folder.write('second/a.parquet', whole)
      folder.write('second/b.parquet', whole.subarray(0, whole.length >> 1))
    },
    { folder: folder.path('.') },
  ),
)

describe('bad data: a coded error that says where, a short one, and nothing is written', () => {
  test.each<[name: string, content: string | Uint8Array | undefined, code: string, says: RegExp]>([
    [
      'no-price.csv',
      'session,item,time\ns,i,2024-01-01\n',
      'COLUMN_MISSING',
      /'price'.*Columns: session, item, time/,
    ],
    [
      'mixed.csv',
      `${HEADER}${GOOD}s1,i1,cheap,2024-01-31\n`,
      'COLUMN_INVALID',
      /'price'.*'cheap' \(row 51 of/,
    ],
    [
      'mixed.jsonl',
      '{"session":"s","item":5,"price":1,"time":"2024-01-01"}\n{"session":"s","item":5,"price":"free","time":"2024-01-01"}\n',
      'COLUMN_INVALID',
      /'price'.*'free' \(row 2 of/,
    ],
    [
      'two-dates.csv',
      `${HEADER}${GOOD}s1,i1,2,31/01/2024\n`,
      'COLUMN_INVALID',
      /'time'.*'31\/01\/2024' \(row 51 of/,
    ],
    [
      'date-and-number.csv',
      `${HEADER}${GOOD}s1,i1,2,1700000000000\n`,
      'COLUMN_INVALID',
      /both dates and plain numbers.*row 51 of/,
    ],
    [
      'no-time.csv',
      `${HEADER}${GOOD}s1,i1,2,\n`,
      'COLUMN_INVALID',
      /'time' expects a value in every row.*row 51/,
    ],
    [
      'no-session.csv',
      `${HEADER}${GOOD},i1,2,2024-01-31\n`,
      'COLUMN_INVALID',
      /'session' expects a value in every row.*row 51/,
    ],
    [
      'long-item.csv',
      `${HEADER}${GOOD}s1,${LONG},2,2024-01-31\n`,
      'FILE_UNREADABLE',
      /Line: 52; Original Line: .{80} …; Maximum line size of 2000000 bytes.*Shorten/,
    ],
    [
      'long-unread.csv',
      `session,item,price,time,note\n${GOOD.replaceAll('Z', 'Z,')}s1,i1,2,2024-01-31,${LONG}\n`,
      'FILE_UNREADABLE',
      /Line: 52; Original Line: .{80} …; Maximum line size of 2000000 bytes.*Shorten/,
    ],
    [
      'long-header.csv',
      `${HEADER.trim()},${LONG}\n${GOOD.replaceAll('Z', 'Z,')}`,
      'FILE_UNREADABLE',
      /first line does not end/,
    ],
    [
      'latin-1.csv',
      bytes(HEADER, GOOD, 's1,caf', 0xe9, ',2,2024-01-31\n'),
      'FILE_UNREADABLE',
      /Line: 52.*not utf-8/,
    ],
    [
      'late.csv',
      bytes(HEADER, GOOD.repeat(3000), 's1,', 0xff, 0xfe, ',2,2024-01-31\n'),
      'FILE_UNREADABLE',
      /Line: 150002.*not utf-8/,
    ],
    ['utf-16.csv', Buffer.from(HEADER + GOOD, 'utf16le'), 'FILE_UNREADABLE', /UTF-16/],
    [
      'infinite.csv',
      `${HEADER}${GOOD}s1,i1,Infinity,2024-01-31\ns1,i1,-inf,2024-01-31\n`,
      'COLUMN_INVALID',
      /finite numbers, received 'Infinity' \(row 51 of .*, and 1 more/,
    ],
    [
      'not-a-number.csv',
      `${HEADER}${GOOD}s1,i1,NaN,2024-01-31\n`,
      'COLUMN_INVALID',
      /finite numbers, received 'NaN'/,
    ],
    [
      'too-large.csv',
      `${HEADER}${GOOD}s1,i1,1e999,2024-01-31\n`,
      'COLUMN_INVALID',
      /finite numbers, received '1e999'/,
    ],
    ['open-quote.csv', `${HEADER}${GOOD}s1,"i1,2,2024-01-31\n${GOOD}`, 'FILE_UNREADABLE', /Line: 52/],
    ['short-row.csv', `${HEADER}${GOOD}s1,i1\n${GOOD}`, 'FILE_UNREADABLE', /Line: 52.*Columns: 4 Found: 2/],
    ['infinite.parquet', undefined, 'COLUMN_INVALID', /finite numbers, received '-inf' \(row 78 of/],
    ['end-of-time.parquet', undefined, 'COLUMN_INVALID', /'time'.*received 'infinity' \(row 6 of/],
    ['cut.parquet', undefined, 'FILE_UNREADABLE', /cut\.parquet.*Check that it is a whole Parquet file/],
    [
      'stub.parquet',
      undefined,
      'FILE_UNREADABLE',
      /too small to be a Parquet file\. Check that it is a whole/,
    ],
    ['hole.parquet', undefined, 'FILE_UNREADABLE', /hole\.parquet/],
    ['second', undefined, 'FILE_UNREADABLE', /b\.parquet/],
  ])('%s', async (name, content, code, says) => {
    if (content !== undefined) folder.write(name, content)
    const before = readdirSync(folder.path('.'))
    const refused = prepare(features, { path: folder.path(name) }, { out: folder.path('out') })
    const message = expect.stringMatching(says) as string
    await expect(refused).rejects.toMatchObject({ code, message })
    await refused.catch((error: unknown) => expect((error as Error).message.length).toBeLessThan(1000))
    expect(readdirSync(folder.path('.'))).toEqual(before)
  })
})

describe('unusual data is prepared', () => {
  const prepared = async (name: string, content: string): Promise<readonly number[]> => {
    const out = folder.path(`${name}.prepared`)
    await prepare(features, { path: folder.write(name, content) }, { out })
    const opened = await openPrepared(out)
    const { offsets, values } = await opened.read([opened.parts[0]!.file], ['item', 'at', 'price', 'recency'])
    for (const column of values) expect(column.every(Number.isFinite)).toBe(true)
    return [...offsets].slice(1).map((end, at) => end - offsets[at]!)
  }

  test('a session of 100,000 events, whole', async () => {
    const long = Array.from(
      { length: 100_000 },
      (_, at) => `long,i${at % 1000},${at % 100},${1.7e12 + at * 1000}\n`,
    )
    const short = 's1,i1,1,1700000000000\ns1,i2,1,1700000000001\n'
    expect(await prepared('long.csv', `${HEADER}${long.join('')}${short}`)).toEqual([100_000, 2])
  })

  test('dates with and without a time of day', async () => {
    expect(
      await prepared(
        'days.csv',
        `${HEADER}a,x,1,2024-01-31\na,y,2,2024-01-31 10:00:00\na,z,2,2024-01-31T11:00Z\n`,
      ),
    ).toEqual([3])
  })

  test('an id of five million characters, where the format sets no limit to a line', async () => {
    const row = (name: string): string => `{"session":"s","item":"${name}","price":1,"time":"2024-01-31"}\n`
    expect(await prepared('long-item.jsonl', row(LONG) + row('short'))).toEqual([2])
  })
})
