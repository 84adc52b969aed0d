import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  eventFolder,
  flag,
  item,
  json,
  lines,
  price,
  read,
  refusal,
  session,
  spelling,
  time,
} from './typed-events.test-support.ts'
import { withTypedEvents, type TypedColumn } from './typed-events.ts'

const folder = eventFolder()
const texts = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `s${(at * 7919) % 1009}`)

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
