import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  eventFolder,
  flag,
  item,
  json,
  lines,
  price,
  read,
  refusal,
  spelling,
} from './typed-events.test-support.ts'
import { withTypedEvents } from './typed-events.ts'

const folder = eventFolder()
const { parquet } = folder

test('texts, numbers, truth values and times; empty is missing', async () => {
  const rows = [
    ['a', 1, true, 0],
    ['\u{1f600}', -0.5, false, 86_400_000],
    [null, null, null, null],
  ]
  const columns = [item, price, flag, { name: 'time', type: 'time' } as const]
  const csv = folder.write(
    'good.csv',
    lines('item,price,flag,time', 'a,1,TRUE,1970-01-01', '\u{1f600},-.5,0,1970-01-02T00:00Z', ',,,'),
  )
  expect(await read(csv, ...columns)).toEqual(rows)
  const jsonl = folder.write(
    'good.jsonl',
    json(
      { item: 'a', price: 1, flag: true, time: 0 },
      { item: '\u{1f600}', price: '-.5', flag: 0, time: '86400000' },
      { item: null, price: '', time: null },
    ),
  )
  expect(await read(jsonl, ...columns)).toEqual(rows)
  const typed = await parquet(
    'good.parquet',
    `SELECT * FROM (VALUES ('a', 1::DOUBLE, true, TIMESTAMP '1970-01-01'), ('\u{1f600}', -0.5, false, TIMESTAMP '1970-01-02'), (NULL, NULL, NULL, NULL)) AS t(item, price, flag, time)`,
  )
  expect(await read(typed, ...columns)).toEqual(rows)
})

test('one column may be read as two types', async () => {
  const csv = folder.write('twice.csv', lines('price,x', '007,1', '1e2,2'))
  expect(await read(csv, price, { name: 'price', type: 'text' })).toEqual([
    [7, '007'],
    [100, '1e2'],
  ])
})

test('numbers in JSON lines and in Parquet are the texts that JavaScript prints', async () => {
  const double = fc
    .oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.integer().map((n) => n / 100),
    )
    .chain((number) =>
      fc.constantFrom(
        ...[
          JSON.stringify(number),
          number.toExponential(),
          number.toExponential(19),
          number.toExponential(2),
        ],
        ...(Math.abs(number) < 1e15 ? [number.toFixed(1), number.toFixed(7)] : []),
      ),
    )
    .filter((token) => Math.abs(Number(token)) <= Number.MAX_SAFE_INTEGER)
  const known = [
    '3.0',
    '1e0',
    '-0',
    '-0.0',
    '0E5',
    '1e15',
    '9007199254740991.0',
    '1e-7',
    '0.000001',
    '5e-324',
  ]
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(double, { minLength: 1, maxLength: 50 }), async (random) => {
      const tokens = [...known, ...random]
      const path = folder.write(
        `tokens-${run++}.jsonl`,
        lines(...tokens.map((token) => `{"item": ${token}}`)),
      )
      const plain = /^-?[0-9]+$/
      const printed = tokens.map((token) => [
        plain.test(token) && token !== '-0' ? token : String(JSON.parse(token)),
      ])
      expect(await read(path, item)).toEqual(printed)
      const stored = await parquet(
        `tokens-${run}.parquet`,
        `SELECT unnest([${tokens.map((token) => `'${token}'`).join(', ')}])::DOUBLE AS item`,
      )
      expect(await read(stored, item)).toEqual(tokens.map((token) => [String(JSON.parse(token))]))
    }),
    { numRuns: 30 },
  )
})

test('what is no number with a fraction stays as it is written', async () => {
  const texts = folder.write(
    'texts.jsonl',
    lines('{"item":"3.0"}', '{"item":"1e0"}', '{"item":"[1]"}', '{"item":"1e999"}', '{"item":true}') +
      lines(
        '{"item":123456789012345678901234567890}',
        '{"item":18446744073709551616}',
        '{"item":9007199254740993}',
      ),
  )
  const big = ['123456789012345678901234567890', '18446744073709551616', '9007199254740993']
  expect(await read(texts, item)).toEqual(
    ['3.0', '1e0', '[1]', '1e999', 'true', ...big].map((text) => [text]),
  )
  const csv = folder.write('texts.csv', lines('item,x', '3.0,1', '1e0,1'))
  expect(await read(csv, item)).toEqual([['3.0'], ['1e0']])
})

test('quotes that are characters as others, where the source says so', async () => {
  const path = folder.write(
    'quotes.tsv',
    lines('session\titem', 's\t"Heroes', 's\tLow"', 't\t"Weird Al" Yankovic', 't\t"whole"'),
  )
  const texts = await withTypedEvents({ path, quotes: false }, [item], { spelling }, (database) =>
    database.rows('SELECT c0 AS text FROM events ORDER BY rowid'),
  )
  expect(texts.map(({ text }) => text)).toEqual(['"Heroes', 'Low"', '"Weird Al" Yankovic', '"whole"'])
  // As RFC 4180 has it, the first two lines are one field of one event, and the next ones no text.
  const error = await refusal(() => read(path, item))
  expect(error.code).toBe('FILE_UNREADABLE')
  expect(error.message).toMatch(/quotes: false, or --no-quotes/)
})

test('of a key that is twice in a line the last value counts, as in JSON.parse', async () => {
  const rows = [
    '{"item":"a","price":1,"item":"b"}',
    '{"item":3,"x":[{"item":9}],"it\\u0065m":4.0,"price":2}',
    '{"item":"a","item":null}',
    '{"item":["a"],"item":"\\"c\\"","price":1e0,"price":"7"}',
    '{"x":1,"x":2,"item":"d"}',
  ]
  const parsed = rows.map(
    (row) => JSON.parse(row) as { readonly item: string | number | null; readonly price?: unknown },
  )
  const path = folder.write('keys.jsonl', lines(...rows))
  expect(await read(path, item, price)).toEqual(
    parsed.map((row) => [
      row.item === null ? null : String(row.item),
      row.price === undefined ? null : Number(row.price),
    ]),
  )
})
