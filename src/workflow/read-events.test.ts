import { existsSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { DuckDBInstance } from '@duckdb/node-api'
import { temporaryFolder } from '../events/test-files.test-support.ts'
import { readSessions, valuesBySession } from './raw-sessions.test-support.ts'

const { path, write } = temporaryFolder()
const columns = { session: 'user', item: 'item', time: 'time' } as const

describe('the order of events', () => {
  const rows = ['b,3,20', 'a,1,10', 'b,1,10', 'a,7,10', 'b,9,10', 'a,0,5']

  test('time first, then the order of the file; sessions in order of first appearance', async () => {
    const raw = await readSessions(
      { path: write('order.csv', `user,item,time\n${rows.join('\n')}\n`) },
      columns,
    )
    expect(raw.sessionIds).toEqual(['b', 'a'])
    expect(valuesBySession(raw, 'item')).toEqual({ b: ['1', '9', '3'], a: ['0', '1', '7'] })
    expect(raw.offsets).toEqual(Int32Array.of(0, 3, 6))
    expect(raw.times).toEqual([10, 10, 20, 5, 10, 10])
  })

  test('without time, the order of the file', async () => {
    const source = { path: write('order2.csv', `user,item,time\n${rows.join('\n')}`) }
    const raw = await readSessions(source, { session: 'user', item: 'item' })
    expect(valuesBySession(raw, 'item')).toEqual({ b: ['3', '1', '9'], a: ['1', '7', '0'] })
    expect(raw.times).toBeUndefined()
  })

  // Large enough that DuckDB reads a plain file with several threads and in many chunks.
  test.each(['many.csv', 'many.csv.gz', 'many.jsonl', 'many.jsonl.gz'])('equal times in %s', async (name) => {
    const events = Array.from({ length: 130_000 }, (_, row) => row)
    const line = name.includes('jsonl')
      ? (row: number) => `{"item":"i${row}","user":${row % 3},"time":7}`
      : (row: number) => `${row % 3},i${row},7`
    const text = [...(name.includes('csv') ? ['user,item,time'] : []), ...events.map(line)].join('\n')
    const raw = await readSessions({ path: [write(name, text), write(`second-${name}`, text)] }, columns)
    const expected = ['0', '1', '2'].map((user): [string, string[]] => {
      const items = events.filter((row) => row % 3 === Number(user)).map((row) => `i${row}`)
      return [user, [...items, ...items]]
    })
    expect(valuesBySession(raw, 'item')).toEqual(Object.fromEntries(expected))
  })
})

test('many files in the order given, a folder in the order of the names', async () => {
  const first = write('folder/b.csv', 'user,item\r\nx,1\r\nx,2\r\n')
  const second = write('folder/a.csv.gz', 'user,item\ny,3\nx,4\n')
  write('folder/.hidden.csv', 'user,item\nx,5\n')
  write('folder/readme.txt', 'Not data.')
  write('folder/c.csv', '')
  const names = { session: 'user', item: 'item' }
  const listed = await readSessions({ path: [first, second] }, names)
  expect(valuesBySession(listed, 'item')).toEqual({ x: ['1', '2', '4'], y: ['3'] })
  const folder = await readSessions({ path: path('folder') }, names)
  expect(folder.sessionIds).toEqual(['y', 'x'])
  expect(valuesBySession(folder, 'item')).toEqual({ y: ['3'], x: ['4', '1', '2'] })
})

test.each([
  ['comma.txt', ','],
  ['tab.dat', '\t'],
  ['semicolon.txt.gz', ';'],
  ['bar.txt', '|'],
  ['space.dat', ' '],
])('sniffs the delimiter of %s, no header', async (name, delimiter) => {
  const text = ['u1 007', 'u1 7', 'u2 7'].map((line) => line.replace(' ', delimiter)).join('\n')
  const source = { path: write(name, text), columns: ['user', 'item'] }
  const raw = await readSessions(source, { session: 'user', item: 'item' })
  expect(valuesBySession(raw, 'item')).toEqual({ u1: ['007', '7'], u2: ['7'] })
})

test('a delimiter of several characters', async () => {
  const source = { path: write('long.dat', '1::a\n1::b\n'), columns: ['user', 'item'], delimiter: '::' }
  const raw = await readSessions(source, { session: 'user', item: 'item' })
  expect(valuesBySession(raw, 'item')).toEqual({ '1': ['a', 'b'] })
})

test('raw ids stay as they are in the file', async () => {
  const ids = ['007', '7', '7.0', '1e3', ' 7 ', 'NULL', 'nan', 'é', '12345678901234567890123', '\\N', 'true']
  const raw = await readSessions(
    {
      path: write(
        'ids.csv',
        `\ufeffuser,item\n${ids.map((id) => `u,${id}`).join('\n')}\n"u","a ""b"",\nc"\n`,
      ),
    },
    { session: 'user', item: 'item' },
  )
  expect(valuesBySession(raw, 'item')).toEqual({ u: [...ids, 'a "b",\nc'] })
  const lines = [
    { user: '007', item: 7 },
    { user: '007', item: '7.50' },
    { item: true, user: '007', more: [1] },
  ]
  const json = await readSessions(
    { path: write('ids.ndjson', lines.map((line) => JSON.stringify(line)).join('\n\n')) },
    { session: 'user', item: 'item' },
  )
  expect(valuesBySession(json, 'item')).toEqual({ '007': ['7', '7.50', 'true'] })
})

test('empty values are missing', async () => {
  const raw = await readSessions(
    { path: write('missing.csv', 'user,item,brand,colour\nu,1,,red\nu,2,acme,""\nu,3,acme,red\n') },
    { session: 'user', item: 'item', categorical: ['colour', 'brand'] },
  )
  expect(raw.columns['brand']).toEqual([null, 'acme', 'acme'])
  expect(raw.columns['colour']).toEqual(['red', null, 'red'])
})

test.each([
  ['2014-04-07T10:51:09.277Z', 1396867869277],
  ['2014-04-07T10:51:09.277+02:00', 1396860669277],
  ['2019-10-01 00:00:00 UTC', 1569888000000],
  ['2014-04-07 10:51:09.277250', 1396867869277.25],
  ['2014-04-07', 1396828800000],
  ['1396867869277', 1396867869277],
  ['-1.5e3', -1500],
])('time %s', async (time, expected) => {
  const raw = await readSessions({ path: write('time.csv', `user,item,time\nu,1,${time}\n`) }, columns)
  expect(raw.times).toEqual([expected])
})

describe('names that need quoting', () => {
  const session = `a"b`
  const item = `it's; --`
  const names = { session, item, time: 'a/b~c', categorical: ['__proto__', 'A"B'] }
  const expected = { x: ['1', '2'] }

  test.each([
    "it's.csv",
    '[ab]*.csv',
    'what?.csv',
    'back\\slash.csv',
    '{a,b}.csv',
    'k=v/a.csv',
    "d[0]'*/a.csv.gz",
  ])('CSV in %s', async (name) => {
    // What the name would match, read as a pattern.
    write('a-decoy.csv', 'x\n')
    write('whatx.csv', 'x\n')
    write("d0'x/a.csv.gz", 'x\n')
    const text = `"a""b",it's; --,a/b~c,__proto__,"A""B"\nx,2,2,p,q\nx,1,1,p,q\n`
    const raw = await readSessions({ path: write(name, text) }, names)
    expect(valuesBySession(raw, item)).toEqual(expected)
    expect(Object.keys(raw.columns)).toEqual([item, '__proto__', 'A"B'])
  })

  test('JSON lines', async () => {
    const line = (value: number): string =>
      `{"a\\"b":"x",${JSON.stringify(item)}:${value},"a/b~c":${value},"__proto__":"p","A\\"B":"q"}`
    const raw = await readSessions({ path: write('[q]*.jsonl', `${line(2)}\n${line(1)}\n`) }, names)
    expect(valuesBySession(raw, item)).toEqual(expected)
    expect(valuesBySession(raw, 'A"B')).toEqual({ x: ['q', 'q'] })
  })
})

test('Parquet: types, order over row groups and files, times', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const make = (name: string, from: number): Promise<unknown> =>
    connection.run(
      `COPY (SELECT range % 2 AS "u""ser", '0' || range AS item, DATE '2020-01-01' AS day, TIMESTAMPTZ '2020-01-01 00:00:00+01' AS at,
       1.5::DECIMAL(5, 2) AS price, [1] AS list FROM range(${from}, ${from + 5000})) TO '${path(name)}' (ROW_GROUP_SIZE 2048)`,
    )
  await make('p1.parquet', 0)
  await make('p2.parquet', 5000)
  connection.closeSync()
  instance.closeSync()
  const source = { path: [path('p1.parquet'), path('p2.parquet')] }
  const raw = await readSessions(source, {
    session: 'u"ser',
    item: 'item',
    time: 'day',
    categorical: ['price'],
  })
  const items = (odd: number): string[] => Array.from({ length: 5000 }, (_, index) => `0${2 * index + odd}`)
  expect(valuesBySession(raw, 'item')).toEqual({ '0': items(0), '1': items(1) })
  expect(raw.times![0]).toBe(Date.UTC(2020, 0, 1))
  expect(new Set(raw.columns['price'])).toEqual(new Set(['1.5']))
  const zoned = await readSessions(source, { session: 'u"ser', item: 'item', time: 'at' })
  expect(zoned.times![9999]).toBe(Date.UTC(2019, 11, 31, 23))
  await expect(readSessions(source, { session: 'u"ser', item: 'list' })).rejects.toMatchObject({
    code: 'COLUMN_INVALID',
    message: expect.stringContaining('INTEGER[]') as string,
  })
})

const good = 'user,item,time\nu,1,1\n'
const packed = gzipSync(
  `user,item,time\n${Array.from({ length: 20_000 }, (_, row) => `u,${row * 7919},1`).join('\n')}`,
)
const damaged = Uint8Array.from(packed)
damaged[damaged.length - 6]! ^= 1

/** What is wrong → file name, content, code of the error, what its message says. */
const bad: readonly (readonly [string, string, string | Uint8Array, string, RegExp])[] = [
  [
    'column missing',
    'x1.csv',
    'user,Item,time\nu,1,1\n',
    'COLUMN_MISSING',
    /'item'.*Did you mean 'Item'.*user, Item, time/,
  ],
  ['key missing', 'x2.jsonl', '{"user":1,"items":2,"time":3}', 'COLUMN_MISSING', /Did you mean 'items'/],
  [
    'empty session',
    'x3.csv',
    `${good},2,2\n,3,3\n`,
    'COLUMN_INVALID',
    /'user' expects a value.*row 2 of .*, and 1 more/,
  ],
  ['empty item', 'x4.csv', `${good}u,"",2\n`, 'COLUMN_INVALID', /'item' expects a value.*row 2 of [^,]*\)/],
  [
    'null item',
    'x5.jsonl',
    '{"user":1,"item":2,"time":3}\n{"user":1,"item":null,"time":3}',
    'COLUMN_INVALID',
    /row 2/,
  ],
  [
    'time is no number',
    'x6.csv',
    `${good}u,2,soon\nu,3,\n`,
    'COLUMN_INVALID',
    /'time' expects ISO dates.*or milliseconds.*'soon' \(row 2/,
  ],
  ['time not finite', 'x7.csv', `${good}u,2,inf\n`, 'COLUMN_INVALID', /'inf'/],
  [
    'no such day',
    'x8.csv',
    'user,item,time\nu,1,2014-02-28\nu,1,2014-02-30\n',
    'COLUMN_INVALID',
    /ISO.*'2014-02-30' \(row 2/,
  ],
  ['two columns of one name', 'x9.csv', 'user,item,item,time\nu,1,2,3\n', 'COLUMN_INVALID', /two columns/],
  ['header only', 'x10.csv', 'user,item,time\n', 'EVENTS_EMPTY', /no row/],
  ['nothing', 'x11.csv', '', 'EVENTS_EMPTY', /empty/],
  ['nothing in gzip', 'x12.jsonl.gz', '', 'EVENTS_EMPTY', /empty/],
  [
    'wrong delimiter',
    'x13.csv',
    'user;item;time\nu;1;1\n',
    'FILE_UNREADABLE',
    /one column.*Try delimiter: ";"/,
  ],
  ['no delimiter', 'x14.txt', 'user\nu\n', 'FILE_UNREADABLE', /no comma, tab/],
  ['too few fields', 'x15.csv', `${good}u,2\n`, 'FILE_UNREADABLE', /Line: 3/],
  ['too many fields', 'x16.csv', `${good}u,2,3,4\n`, 'FILE_UNREADABLE', /Line: 3/],
  [
    'Latin-1',
    'x17.csv',
    Uint8Array.from(Buffer.from(`${good}u,\xe9,1\n`, 'latin1')),
    'FILE_UNREADABLE',
    /UTF-8/,
  ],
  ['UTF-16', 'x18.csv', Uint8Array.from(Buffer.from(good, 'utf16le')), 'FILE_UNREADABLE', /UTF-16/],
  [
    'binary junk',
    'x19.csv',
    Uint8Array.from({ length: 4000 }, (_, index) => (index * 7919) % 256),
    'FILE_UNREADABLE',
    /binary/,
  ],
  ['gzip cut off', 'x20.csv.gz', packed.subarray(0, packed.length / 2), 'FILE_UNREADABLE', /cut off/],
  ['gzip without its end', 'x21.csv.gz', packed.subarray(0, packed.length - 8), 'FILE_UNREADABLE', /cut off/],
  ['gzip with a wrong checksum', 'x22.csv.gz', damaged, 'FILE_UNREADABLE', /damaged/],
  ['gzip by name only', 'x23.csv.gz', new TextEncoder().encode(good), 'FILE_UNREADABLE', /no gzip data/],
  ['gzip without the name', 'x24.csv', gzipSync(good), 'FILE_UNREADABLE', /does not end in \.gz/],
  ['JSON list', 'x25.jsonl', '[{"user":1,"item":2,"time":3}]', 'FILE_UNREADABLE', /one JSON object a line/],
  [
    'broken JSON',
    'x26.jsonl',
    '{"user":1,"item":2,"time":3}\n{"user":oops}',
    'FILE_UNREADABLE',
    /Malformed JSON/,
  ],
  ['no Parquet', 'x27.parquet', 'user,item,time', 'FILE_UNREADABLE', /x27\.parquet/],
  ['Parquet in gzip', 'x28.parquet.gz', good, 'FORMAT_UNKNOWN', /Unpack/],
  ['unknown ending', 'x29.xlsx', good, 'FORMAT_UNKNOWN', /\.csv/],
]

test.each(bad)('refuses a file: %s', async (_what, name, content, code, message) => {
  const reading = readSessions({ path: write(name, content) }, columns)
  await expect(reading).rejects.toMatchObject({ name: 'EnsuiteError', code })
  await expect(reading).rejects.toThrow(message)
})

test('a row is found in the file that holds it', async () => {
  const files = [
    write('y1.csv', `${good}u,2,2\n`),
    write('y2.csv', `${good}u,2,2\nu,2,\n`),
    write('y3.csv', `${good}u,,2\n`),
  ]
  await expect(readSessions({ path: files }, columns)).rejects.toThrow(/row 3 of .*y2\.csv/)
  await expect(readSessions({ path: files.slice(0, 2) }, columns)).rejects.toThrow(/row 3 of .*y2\.csv/)
})

test('files with other columns are refused, not mixed up', async () => {
  const files = [write('z1.csv', good), write('z2.csv', 'item,user,time\n1,u,1\n')]
  await expect(readSessions({ path: files }, columns)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
})

test('paths: nothing there, patterns, folders without data or with two formats', async () => {
  write('two/a.csv', good)
  write('two/b.jsonl', '{"user":1,"item":2,"time":3}')
  write('none/a.xlsx', good)
  const code = async (given: string | string[]): Promise<unknown> =>
    readSessions({ path: given }, columns).catch((error: unknown) => (error as { code: string }).code)
  expect(await code(path('nowhere.csv'))).toBe('FILE_NOT_FOUND')
  expect(await code(path('two/*.csv'))).toBe('FILE_NOT_FOUND')
  expect(await code('https://example.com/a.csv')).toBe('FILE_NOT_FOUND')
  expect(await code(path('none'))).toBe('FILE_NOT_FOUND')
  expect(await code(path('two'))).toBe('FORMAT_UNKNOWN')
  expect(await code([path('two/a.csv'), path('two/b.jsonl')])).toBe('FORMAT_UNKNOWN')
  // Files in folders inside are not left out without a word.
  write('outer/a.csv', good)
  write('outer/inner/readme.md', 'no events')
  write('outer/_old/b.csv', good)
  expect(await code(path('outer'))).toEqual(expect.any(Object))
  write('outer/later/b.csv', good)
  expect(await code(path('outer'))).toBe('OPTION_INVALID')
  expect(await code([])).toBe('OPTION_INVALID')
  const chosen = await readSessions({ path: path('two'), format: 'jsonl' }, columns)
  expect(valuesBySession(chosen, 'item')).toEqual({ '1': ['2'] })
})

test.each([
  [{ header: false }, columns],
  [{ header: true, columns: ['user', 'item', 'time'] }, columns],
  [{ columns: ['user', 'user', 'time'] }, columns],
  [{ delimiter: '' }, columns],
  [{ delimiter: '"' }, columns],
  [{ format: 'excel' as 'csv' }, columns],
  [{ format: 'jsonl' as const, delimiter: ',' }, columns],
  [{}, { session: 'user', item: 'user' }],
  [{}, { session: '', item: 'user' }],
])('refuses the options %j %j', async (source, names) => {
  const reading = readSessions({ path: write('options.csv', good), ...source }, names)
  await expect(reading).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

const data = fileURLToPath(new URL('../../../shared/data/', import.meta.url))

test.skipIf(!existsSync(`${data}ml-1m/ml-1m.txt.gz`))(
  'MovieLens 1M (skipped where ../shared/data is not)',
  async () => {
    const source = { path: `${data}ml-1m/ml-1m.txt.gz`, columns: ['user', 'item'] }
    const raw = await readSessions(source, { session: 'user', item: 'item' })
    expect([raw.sessionIds.length, new Set(raw.columns['item']).size, raw.offsets.at(-1)]).toEqual([
      6040, 3416, 999_611,
    ])
  },
)

test('the example: a folder with a readme and a description beside the data', async () => {
  const folder = fileURLToPath(new URL('../../examples/eshop-clothing', import.meta.url))
  const item = 'page.2..clothing.model.'
  const raw = await readSessions({ path: folder }, { session: 'session.ID', item, time: 'order' })
  expect([raw.sessionIds.length, new Set(raw.columns[item]).size, raw.offsets.at(-1)]).toEqual([
    24_026, 217, 165_474,
  ])
  expect(valuesBySession(raw, item)['1']!.slice(0, 2)).toEqual(['A13', 'A16'])
})
