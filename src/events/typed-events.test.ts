import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EnsuiteError } from '../errors.ts'
import { numberPattern, timePattern } from '../expressions/index.ts'
import { temporaryFolder } from './test-files.test-support.ts'
import { withTypedEvents, type TypedColumn } from './typed-events.ts'

const texts = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `s${(at * 7919) % 1009}`)
const folder = temporaryFolder()
const spelling = { number: numberPattern, time: timePattern }
const session: TypedColumn = { name: 'session', type: 'text', required: true }
const time: TypedColumn = { name: 'time', type: 'time', required: true }
const price: TypedColumn = { name: 'price', type: 'number' }
const item: TypedColumn = { name: 'item', type: 'text' }
const flag: TypedColumn = { name: 'flag', type: 'boolean' }

type Read = readonly (readonly unknown[])[]

/** The events of a file, a list of values each. */
const read = (path: string, ...columns: readonly TypedColumn[]): Promise<Read> =>
  withTypedEvents({ path }, columns, { spelling }, async (database) =>
    (await database.rows('SELECT CAST(to_json(e) AS VARCHAR) AS row FROM events AS e ORDER BY rowid')).map(
      ({ row }) => Object.values(JSON.parse(row!) as Record<string, unknown>),
    ),
  )

async function refusal(body: () => Promise<unknown>): Promise<EnsuiteError> {
  try {
    await body()
  } catch (error) {
    if (error instanceof EnsuiteError) return error
    throw error
  }
  throw new Error('Nothing was thrown.')
}

const lines = (...rows: readonly string[]): string => rows.map((row) => `${row}\n`).join('')
const json = (...rows: readonly object[]): string => lines(...rows.map((row) => JSON.stringify(row)))

/** A Parquet file of a query. */
async function parquet(name: string, query: string): Promise<string> {
  const path = folder.path(name)
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  try {
    await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet)`)
  } finally {
    connection.closeSync()
  }
  return path
}

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

test('decimals and floats in Parquet are the texts of their own digits', async () => {
  const path = await parquet(
    'decimals.parquet',
    `SELECT unnest([0, 1.5, -0.1, 100])::DECIMAL(10, 2) AS item, unnest([0, 1.5, 0.1, 1e-7])::FLOAT AS x, 12345678901234567890::DECIMAL(20, 0) AS y`,
  )
  const as = (name: string): TypedColumn => ({ name, type: 'text' })
  expect(await read(path, item, as('x'), as('y'))).toEqual(
    [
      ['0', '0'],
      ['1.5', '1.5'],
      ['-0.1', '0.1'],
      ['100', '1e-7'],
    ].map((row) => [...row, '12345678901234567890']),
  )
})

describe('Parquet files whose columns have other types', () => {
  const both = async (
    one: string,
    other: string,
    ...types: readonly TypedColumn['type'][]
  ): Promise<unknown[]> => {
    const read = async (first: string, second: string): Promise<Read> => {
      const path = [
        await parquet('one.parquet', `SELECT 1 AS x, ${first} AS v`),
        await parquet('two.parquet', `SELECT ${second} AS v, 'y' AS x`),
        await parquet('three.parquet', `SELECT 2 AS x, ${first} AS v, 3 AS z`),
      ]
      return withTypedEvents(
        { path },
        types.map((type) => ({ name: 'v', type })),
        { spelling },
        async (database) =>
          (
            await database.rows('SELECT CAST(to_json(e) AS VARCHAR) AS row FROM events AS e ORDER BY rowid')
          ).map(({ row }) => Object.values(JSON.parse(row!) as Record<string, unknown>)),
      )
    }
    const [forth, back] = [await read(one, other), await read(other, one)]
    expect([back[1], back[0], back[1]]).toEqual(forth)
    expect([forth[1], forth[0], forth[1]]).toEqual(back)
    return [...forth.slice(0, 2).flat()]
  }

  test.each<[string, string, TypedColumn['type'], unknown, unknown]>([
    ['10', '9.99::DOUBLE', 'number', 10, 9.99],
    ['7', "'0123'", 'text', '7', '0123'],
    ["DATE '2024-01-01'", "TIMESTAMP '2024-01-01 13:45:00.5'", 'time', 1704067200000, 1704116700500],
    [
      "TIMESTAMPTZ '2024-01-01 01:00:00+01'",
      "TIMESTAMP_NS '1970-01-01 00:00:01.000001'",
      'time',
      1704067200000,
      1000.001,
    ],
    ['1.10::DECIMAL(10, 2)', '2.345::DOUBLE', 'number', 1.1, 2.345],
    ['1.10::DECIMAL(10, 2)', '2.345::DECIMAL(12, 3)', 'text', '1.1', '2.345'],
    ['1.5::FLOAT', '123456789012345679', 'text', '1.5', '123456789012345679'],
    ['1.5::DOUBLE', '9007199254740993', 'text', '1.5', '9007199254740993'],
    ['1', 'true', 'text', '1', 'true'],
    ['0', 'true', 'boolean', false, true],
    ['CAST(NULL AS INTEGER)', "'a'", 'text', null, 'a'],
    ['0.1::FLOAT', '0.1::DOUBLE', 'text', '0.1', '0.1'],
    ['1e-7::DOUBLE', "'1e-7'", 'text', '1e-7', '1e-7'],
  ])('%s beside %s as %s', async (one, other, type, first, second) => {
    expect(await both(one, other, type)).toEqual([first, second])
  })

  test('what is no text, and columns that are not there', async () => {
    const whole = await parquet('a.parquet', 'SELECT 1 AS v, 2 AS w')
    const far = await parquet('b.parquet', "SELECT 1e21::DOUBLE AS v, 'x' AS w")
    const other = await parquet('c.parquet', 'SELECT 1 AS V, 2 AS w')
    const read = (path: readonly string[], type: TypedColumn['type']): Promise<EnsuiteError> =>
      refusal(() => withTypedEvents({ path }, [{ name: 'v', type }], { spelling }, () => Promise.resolve()))
    expect((await read([whole, far], 'text')).message).toMatch(/received '1e\+21' \(row 1 of .*b\.parquet\)/)
    const lists = await parquet('d.parquet', 'SELECT [1] AS v')
    expect((await read([whole, lists], 'number')).message).toMatch(/'v' .* holds INTEGER\[\]/)
    expect(await read([whole, other], 'number')).toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringMatching(/c\.parquet has no column 'v', which .*a\.parquet has/) as string,
    })
  })
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

test("Parquet's numbers, dates and times", async () => {
  const path = await parquet(
    'types.parquet',
    `SELECT 7::TINYINT AS small, 9007199254740993::BIGINT AS large, 1.5::DECIMAL(5, 2) AS fraction, 2.0::FLOAT AS whole, DATE '1969-12-31' AS day, ` +
      `TIMESTAMPTZ '1970-01-01 01:00:00+01' AS zoned, TIMESTAMP '9999-12-31 23:59:59.999' AS last, TIMESTAMP_NS '1970-01-01 00:00:00.000001999' AS nanos, TIME '10:00' AS clock, INTERVAL 1 DAY AS span, 'x' AS x`,
  )
  const as = (name: string, type: TypedColumn['type']): TypedColumn => ({ name, type })
  const numbers = ['small', 'large', 'fraction', 'whole'].map((name) => as(name, 'number'))
  expect(await read(path, ...numbers)).toEqual([[7, 2 ** 53, 1.5, 2]])
  expect(await read(path, as('whole', 'text'), as('large', 'text'))).toEqual([['2', '9007199254740993']])
  const times = ['day', 'zoned', 'last', 'nanos'].map((name) => as(name, 'time'))
  expect(await read(path, ...times)).toEqual([[-86_400_000, 0, 253_402_300_799_999, 0.001]])
  for (const [name, type] of [
    ['clock', 'time'],
    ['span', 'number'],
    ['span', 'time'],
    ['day', 'number'],
    ['x', 'boolean'],
  ] as const)
    expect((await refusal(() => read(path, as(name, type)))).code, name).toBe('COLUMN_INVALID')
})

/** Text in Latin-1 in its third row, after a good beginning. */
const latin = Buffer.concat([
  Buffer.from('session,item\na,b\nc,d\ne,'),
  Buffer.from([0xe9]),
  Buffer.from('\nf,g\n'),
])

describe('bad data', () => {
  const times = (...values: readonly unknown[]): string =>
    json(...values.map((value) => ({ session: 's', time: value })))
  const prices = (...values: readonly unknown[]): string =>
    json(...values.map((value) => ({ session: 's', price: value })))
  test.each<readonly [string, string, string | Uint8Array, readonly TypedColumn[], string, RegExp]>([
    [
      'a missing column',
      'a.csv',
      lines('session,prise', 's,1'),
      [session, price],
      'COLUMN_MISSING',
      /no column 'price' .*Did you mean 'prise'/,
    ],
    [
      'a missing key',
      'a.jsonl',
      json({ session: 's' }),
      [session, price],
      'COLUMN_MISSING',
      /no column 'price'/,
    ],
    [
      'two columns of a name',
      'two.csv',
      lines('session,price,price', 's,1,2'),
      [session, price],
      'COLUMN_INVALID',
      /two columns .*'price'/,
    ],
    ['no row', 'none.csv', lines('session,price'), [session, price], 'EVENTS_EMPTY', /no events/],
    ['an empty file', 'empty.csv', '', [session, price], 'EVENTS_EMPTY', /no events/],
    [
      'a text among numbers',
      'n1.csv',
      lines('session,price', 's,1', 's,cheap', 's,dear'),
      [session, price],
      'COLUMN_INVALID',
      /'price' expects finite numbers, received 'cheap' \(row 2 of .*n1.csv, and 1 more\)/,
    ],
    [
      'a text and a truth value among numbers',
      'n2.jsonl',
      prices('a', 1, true),
      [session, price],
      'COLUMN_INVALID',
      /received 'a' \(row 1 .*, and 1 more\)/,
    ],
    [
      'a comma for a point',
      'n3.csv',
      lines('session,price', 's,"1,5"'),
      [session, price],
      'COLUMN_INVALID',
      /received '1,5' \(row 1/,
    ],
    [
      'spaces',
      'n4.csv',
      lines('session,price', 's,1', 's, 1'),
      [session, price],
      'COLUMN_INVALID',
      /received ' 1' \(row 2/,
    ],
    [
      'an infinite number',
      'n5.csv',
      lines('session,price', 's,1', 's,inf'),
      [session, price],
      'COLUMN_INVALID',
      /finite numbers, received 'inf' \(row 2/,
    ],
    [
      'a number that is too large',
      'n6.jsonl',
      `{"session":"s","price":1e999}\n`,
      [session, price],
      'COLUMN_INVALID',
      /finite numbers, received '1e999' \(row 1/,
    ],
    [
      'a list for a number',
      'n7.jsonl',
      prices(1, [1]),
      [session, price],
      'COLUMN_INVALID',
      /received '\[1\]' \(row 2/,
    ],
    [
      'a list for a text',
      'x1.jsonl',
      json({ item: '{}' }, { item: ['a'] }, { item: { a: 1 } }),
      [item],
      'COLUMN_INVALID',
      /'item' expects one text.*, received '\["a"\]' \(row 2 .*, and 1 more/,
    ],
    [
      'a number that is too large for a text',
      'x2.jsonl',
      lines('{"item":1}', '{"item":1e999}'),
      [item],
      'COLUMN_INVALID',
      /'item' .*received '1e999' \(row 2/,
    ],
    [
      'a word for a truth value',
      'b1.csv',
      lines('session,flag', 's,1', 's,yes'),
      [session, flag],
      'COLUMN_INVALID',
      /true, false, 1 or 0, received 'yes' \(row 2/,
    ],
    [
      'dates in two formats',
      't1.jsonl',
      times('2020-01-02', '2020-01-02 10:00', '02/01/2020'),
      [session, time],
      'COLUMN_INVALID',
      /ISO dates and timestamps, .*received '02\/01\/2020' \(row 3/,
    ],
    [
      'dates and numbers',
      't2.jsonl',
      times('2020-01-02', '2020-01-02', 1_577_836_800_000),
      [session, time],
      'COLUMN_INVALID',
      /both dates and plain numbers: '1577836800000' is unlike most \(row 3/,
    ],
    [
      'numbers and dates',
      't3.jsonl',
      times(5, 6, '2020-01-02'),
      [session, time],
      'COLUMN_INVALID',
      /both dates and plain numbers: '2020-01-02' is unlike most \(row 3/,
    ],
    [
      'a date that is none',
      't4.jsonl',
      times('2019-02-28', '2019-02-29'),
      [session, time],
      'COLUMN_INVALID',
      /received '2019-02-29' \(row 2/,
    ],
    [
      'a number of time that is infinite',
      't5.jsonl',
      times(1, '1e999'),
      [session, time],
      'COLUMN_INVALID',
      /received '1e999' \(row 2/,
    ],
    [
      'nanoseconds',
      't7.jsonl',
      times(8.64e15, 1_577_836_800_000_000_000),
      [session, time],
      'COLUMN_INVALID',
      /milliseconds since 1970, received '1577836800000000000' \(row 2/,
    ],
    [
      'a missing time',
      't6.jsonl',
      times('2020-01-02', null, ''),
      [session, time],
      'COLUMN_INVALID',
      /'time' expects a value in every row, .*\(row 2 .*, and 1 more\).* the first step drop them: \{ keep: present\(column\('time', 'time'\)\) \}/,
    ],
    [
      'a missing session',
      's1.csv',
      lines('session,item', 's,1', ',1'),
      [session, item],
      'COLUMN_INVALID',
      /'session' expects a value in every row, .*\(row 2.* a step drop them: \{ keep: present\(column\('session', 'text'\)\) \}/,
    ],
    [
      'a session that is null',
      's2.jsonl',
      json({ session: 's' }, { session: null }),
      [session],
      'COLUMN_INVALID',
      /'session' expects a value .*\(row 2/,
    ],
    [
      'a line with too few columns',
      'l1.csv',
      lines('session,item', 's,1', 's'),
      [session, item],
      'FILE_UNREADABLE',
      /[Ll]ine:? 3/,
    ],
    [
      'a line with too many columns',
      'l2.csv',
      lines('session,item', 's,1', 's,1,2'),
      [session, item],
      'FILE_UNREADABLE',
      /[Ll]ine:? 3/,
    ],
    [
      'a line that is no JSON',
      'l3.jsonl',
      `${json({ session: 's' })}{"session": \n`,
      [session],
      'FILE_UNREADABLE',
      /in line \d/,
    ],
    ...['[1,2]', '5', '"z"', 'null', ' ["a"]'].map(
      (line, at) =>
        [
          `a line of JSON that is no object: ${line}`,
          `o${at}.jsonl`,
          `${json({ session: 's' })}  {"session": "t"}\n${line}\n${json({ session: 's' })}`,
          [session],
          'FILE_UNREADABLE',
          /a line is no object: .*Check that every line is one JSON object/,
        ] as const,
    ),
    [
      'half a character in JSON',
      'l4.jsonl',
      `${json({ session: 's' })}{"session":"\\ud800"}\n`,
      [session],
      'FILE_UNREADABLE',
      /surrogate/,
    ],
    ['text that is no UTF-8', 'u1.csv', latin, [session, item], 'FILE_UNREADABLE', /[Ll]ine:? 4.*UTF-8/],
    [
      'JSON that is no UTF-8',
      'u2.jsonl',
      Buffer.concat([Buffer.from('{"session":"a"}\n{"session":"'), Buffer.from([0xff]), Buffer.from('"}\n')]),
      [session],
      'FILE_UNREADABLE',
      /in line \d.*UTF-8/,
    ],
    [
      'a text that is a number whose digits a double does not hold',
      'd1.jsonl',
      lines('{"session":"1e21"}', '{"session":1e21}'),
      [session],
      'COLUMN_INVALID',
      /received '1e21' \(row 2.* whole numbers above 2⁵³ as texts/,
    ],
    [
      'five million characters that are no number',
      'f1.jsonl',
      prices(1, 'x'.repeat(5e6)),
      [session, price],
      'COLUMN_INVALID',
      /received 'x{100}' \(row 2/,
    ],
  ])('%s', async (_, name, content, columns, code, message) => {
    const path = folder.write(name, content)
    const error = await refusal(() => read(path, ...columns))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
    expect(error.message.length).toBeLessThan(1000)
  })

  test('a text of five million characters is read as it is, or the line is named', async () => {
    const long = '\u65e5'.repeat(5e6)
    const jsonl = folder.write('long.jsonl', json({ item: 'a' }, { item: long }))
    expect((await read(jsonl, item))[1]).toEqual([long])
    const csv = folder.write('long.csv', lines('session,item', 's,a', `s,${long}`))
    const error = await refusal(() => read(csv, session, item))
    expect(error.code).toBe('FILE_UNREADABLE')
    expect(error.message).toMatch(/[Ll]ine:? 3/)
  })

  test('the row is counted in its own file', async () => {
    const paths = [
      folder.write('part-1.csv', lines('session,price', 's,1', 's,2')),
      folder.write('part-2.csv', lines('session,price', 's,3', 's,x')),
    ]
    const error = await refusal(() =>
      withTypedEvents({ path: paths }, [session, price], { spelling }, () => Promise.resolve()),
    )
    expect(error.message).toMatch(/received 'x' \(row 2 of .*part-2\.csv\)/)
  })

  test('infinite numbers in Parquet, and no numbers', async () => {
    for (const [name, value] of [
      ['inf', 'infinity'],
      ['minus', '-infinity'],
      ['nan', 'nan'],
    ] as const) {
      const path = await parquet(
        `${name}.parquet`,
        `SELECT 's' AS session, unnest([1, '${value}'::DOUBLE]) AS price`,
      )
      const error = await refusal(() => read(path, session, price))
      expect(error.code).toBe('COLUMN_INVALID')
      expect(error.message).toMatch(/finite numbers, received '-?(inf|nan)' \(row 2/)
    }
  })

  test.each(['1e21', '-9007199254740992', 'infinity', 'nan'])(
    'ids in Parquet that are the float %s',
    async (value) => {
      for (const type of ['DOUBLE', 'FLOAT']) {
        const path = await parquet('floats.parquet', `SELECT unnest(['1', '${value}'])::${type} AS session`)
        const error = await refusal(() => read(path, session))
        expect(error.code).toBe('COLUMN_INVALID')
        expect(error.message).toMatch(/'session' expects one text.*\(row 2/)
      }
    },
  )

  test('Parquet that is cut off, or none', async () => {
    const whole = readFileSync(
      await parquet('whole.parquet', `SELECT 's' || i AS session, i AS price FROM range(10000) AS t(i)`),
    )
    for (const length of [0, 3, 100, whole.length - 1]) {
      const path = folder.write(`cut-${length}.parquet`, whole.subarray(0, length))
      const error = await refusal(() => read(path, session, price))
      expect(error.code).toBe('FILE_UNREADABLE')
      expect(error.message).toContain(path)
    }
  })

  test.each(['csv', 'jsonl'])('%s.gz that is cut off anywhere', async (format) => {
    const text =
      format === 'csv'
        ? lines('session,item', ...texts(500).map((text) => `${text},a`))
        : lines(...texts(500).map((session) => JSON.stringify({ session })))
    const whole = gzipSync(text)
    for (const length of [2, 12, 25, 60, 200, whole.length - 9, whole.length - 1]) {
      const path = folder.write(`cut-${length}.${format}.gz`, whole.subarray(0, length))
      const error = await refusal(() => read(path, session))
      expect(error.code).toBe('FILE_UNREADABLE')
      expect(error.message).toMatch(/cut off or damaged/)
    }
  })

  test('lines that end in two ways', async () => {
    const path = folder.write('ends.csv', 'session,item\r\n1,a\n1,b\n')
    expect((await refusal(() => read(path, session))).message).toMatch(/end in more than one way/)
  })

  test('decimals of more digits than the engine reads', async () => {
    // One value, 7.50, of decimal256(50, 2), as pyarrow writes it.
    const bytes =
      'UEFSMRUAFTYVNiwVAhUAFQYVBhwAAAACAAAAAgEAAAAAAAAAAAAAAAAAAAAAAAAAAu4VBBksNQAYBnNjaGVtYRUCABUOFSoVAhgBdiUKFQQVZCxcFQQVZAAA' +
      'ABYCGRwZHCYAHBUOGSUGABkYAXYVABYCFlwWXCYISRwVABUAFQIAPCkGGSYAAgAAABZcFgImCBZcACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNi4w' +
      'LjEZHBwAAACKAAAAUEFSMQ=='
    const path = folder.write('wide.parquet', Buffer.from(bytes, 'base64'))
    const error = await refusal(() => read(path, { name: 'v', type: 'number' }))
    expect(error.code).toBe('FILE_UNREADABLE')
    expect(error.message).toMatch(/'v' holds decimals of more than 38 digits/)
  })

  test('nested columns', async () => {
    const path = await parquet('nested.parquet', `SELECT 's' AS session, [1, 2] AS price`)
    expect((await refusal(() => read(path, session, price))).message).toMatch(/'price' .* holds INTEGER\[\]/)
  })
})

test.each<[string, unknown, RegExp]>([
  ['no path', {}, /path expects the path of a file or folder.*received none/],
  ['a number', { path: 5 }, /path expects .*received number 5/],
  ['a list with a number', { path: ['a.csv', 5] }, /path expects .*received number 5/],
  ['an empty list', { path: [] }, /path expects .*received an empty list/],
  ['one column', { path: 'a.csv', columns: 'ab' }, /columns expects a list of names/],
  ['a number for a delimiter', { path: 'a.csv', delimiter: 5 }, /delimiter must be/],
  [
    'a text for a truth value',
    { path: 'a.csv', header: 'no' },
    /header must be true or false, received "no"/,
  ],
  ['no source', undefined, /expects an object of options/],
])('a source that is none: %s', async (_, source, message) => {
  const error = await refusal(() =>
    withTypedEvents(source as { path: string }, [item], { spelling }, () => Promise.resolve()),
  )
  expect(error.code).toBe('OPTION_INVALID')
  expect(error.message).toMatch(message)
})
