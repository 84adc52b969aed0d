import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { columnStatistics, type ColumnStatistics } from './column-statistics.ts'
import { temporaryFolder } from './test-files.test-support.ts'

const { path, write } = temporaryFolder()

type Row = readonly [
  string,
  ColumnStatistics['kind'],
  number,
  number,
  ColumnStatistics['min'],
  ColumnStatistics['max'],
]
const rowOf = ({ name, kind, missing, distinct, min, max }: ColumnStatistics): Row => [
  name,
  kind,
  missing,
  distinct,
  min,
  max,
]

/** Columns of text → kind, missing, distinct, min, max. */
const texts: readonly (readonly [string, readonly string[], ...(readonly unknown[])])[] = [
  ['whole', ['10', '9', '', '-3'], 'integer', 1, 3, -3, 10],
  ['with words', ['1', 'NA', 'NA', '2'], 'integer', 2, 2, 1, 2],
  ['only words', ['NA', 'NA', 'null', 'NA'], 'text', 0, 2, undefined, undefined],
  ['words among texts', ['NA', 'DE', 'FR', 'NA'], 'text', 0, 3, undefined, undefined],
  ['zeros before', ['007', '7', '8', '9'], 'text', 0, 4, undefined, undefined],
  ['large', ['9007199254740993', '1', '2', '3'], 'integer', 0, 4, 1, 9007199254740993n],
  ['too large', ['9223372036854775808', '1', '2', '3'], 'text', 0, 4, undefined, undefined],
  ['large floats', ['1e20', '1.5e20', '2e20', '-1e20'], 'float', 0, 4, -1e20, 2e20],
  ['fractions', ['1', '2.5', '-1e-3', '.5'], 'float', 0, 4, -0.001, 2.5],
  ['with nan', ['1', '2.5', 'nan', ''], 'float', 2, 2, 1, 2.5],
  ['truth', ['true', 'False', 'TRUE', ''], 'boolean', 1, 3, undefined, undefined],
  [
    'days',
    ['2020-01-02', '2020-01-01', '', '2020-01-02'],
    'time',
    1,
    2,
    '2020-01-01T00:00:00.000Z',
    '2020-01-02T00:00:00.000Z',
  ],
  [
    'instants',
    ['2020-01-01 00:00:00 UTC', '2020-01-01T01:00:00+02:00', '', '2020-01-01 05:00'],
    'time',
    1,
    3,
    '2019-12-31T23:00:00.000Z',
    '2020-01-01T05:00:00.000Z',
  ],
  [
    'no such day',
    ['2020-02-30', '2020-01-01', '2020-01-01', '2020-01-01'],
    'text',
    0,
    2,
    undefined,
    undefined,
  ],
  ['__proto__', ['a', 'b', '', 'a b'], 'text', 1, 3, undefined, undefined],
  ['t0', ['(', "'", '"', ';'], 'text', 0, 4, undefined, undefined],
]
const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`
const csv = [
  texts.map(([name]) => name),
  ...[0, 1, 2, 3].map((row) => texts.map(([, values]) => values[row]!)),
]
  .map((cells) => cells.map(quoted).join(','))
  .join('\n')

test('CSV: the kind, range and number of what every row holds', async () => {
  const { events, columns } = await columnStatistics({ path: write('a.csv', csv) })
  expect(events).toBe(4)
  expect(columns.map(rowOf)).toEqual(texts.map(([name, , ...rest]) => [name, ...rest]))
  expect(columns[1]!.sample).toEqual(['1', null, null, '2'])
})

test('the mean and sample deviation of number columns, and of no others', async () => {
  const { columns } = await columnStatistics({ path: write('a.csv', csv) })
  const moments = columns.map(({ name, mean, deviation }) => [name, mean, deviation])
  const close = (value: number): number => expect.closeTo(value, 12) as number
  expect(moments.slice(0, 10)).toEqual([
    ['whole', close(16 / 3), close(Math.sqrt((190 - 256 / 3) / 2))],
    ['with words', 1.5, close(Math.SQRT1_2)],
    ['only words', undefined, undefined],
    ['words among texts', undefined, undefined],
    ['zeros before', undefined, undefined],
    // 2⁵³ + 1 is 2⁵³ in 64 bits; far from the others, its deviation is half its distance from their mean.
    ['large', 2 ** 51 + 1.5, expect.closeTo(2 ** 52 - 1, -1)],
    ['too large', undefined, undefined],
    ['large floats', expect.closeTo(8.75e19, -6), expect.any(Number)],
    ['fractions', close(3.999 / 4), close(Math.sqrt((7.500001 - 3.999 ** 2 / 4) / 3))],
    ['with nan', 1.75, close(1.5 * Math.SQRT1_2)],
  ])
  for (const [, mean, deviation] of moments.slice(10))
    expect([mean, deviation]).toEqual([undefined, undefined])
})

test('numbers whose squares overflow have no deviation, a single number has a mean', async () => {
  const file = write('huge.csv', 'a,b,c,d\n1e200,1e139,5,-1e308\n-1e200,-1e139,,1e308\n')
  const { columns } = await columnStatistics({ path: file })
  expect(columns.map(({ kind, mean, deviation }) => [kind, mean, deviation])).toEqual([
    ['float', undefined, undefined],
    ['float', 0, expect.closeTo(1e139 * Math.SQRT2, -126)],
    ['integer', 5, undefined],
    ['float', undefined, undefined],
  ])
})

test('a late row that is unlike the first ones changes the kind', async () => {
  const rows = Array.from({ length: 30_000 }, (_, row) => `${row},${row},${row},${row},2020-01-01`)
  const late = await columnStatistics({
    path: write('late.csv.gz', `a,b,c,d,e\n${rows.join('\n')}\n1,x,1.5,NULL,soon\n`),
  })
  expect(late.columns.map(({ kind, missing }) => [kind, missing])).toEqual([
    ['integer', 0],
    ['text', 0],
    ['float', 0],
    ['integer', 1],
    ['text', 0],
  ])
  expect(late.columns.map(({ distinct }) => distinct)).toEqual([30_000, 30_001, 30_001, 30_000, 2])
  expect(late.columns[0]!.sample).toHaveLength(20_000)
  expect(late.columns[0]!.sample[19_999]).toBe('19999')
})

test('JSON lines: all keys of the first lines', async () => {
  const file = write('a.jsonl', '{"a":1,"b":"x","t0":[1]}\n{"a":2.5,"c":true}\n{"a":null,"b":""}\n')
  expect((await columnStatistics({ path: file })).columns.map(rowOf)).toEqual([
    ['a', 'float', 1, 2, 1, 2.5],
    ['b', 'text', 2, 1, undefined, undefined],
    ['c', 'boolean', 2, 1, undefined, undefined],
    ['t0', 'text', 2, 1, undefined, undefined],
  ])
})

test('Parquet: stored types, lists by their lengths, what is no plain value', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(
    `COPY (SELECT range::UTINYINT AS t0, CASE WHEN range > 0 THEN range / 4 END AS f, 'NaN'::FLOAT AS nan, DATE '2020-01-01' + range::INT AS day,
      range % 2 = 0 AS b, ['x', 'y'][: (1 + range % 2)::INT] AS l, {'a': 1} AS s, [[1]] AS deep, 1.5::DECIMAL(5, 2) AS dec,
      range::HUGEINT AS huge, 1::INTEGER AS i, INTERVAL 1 DAY AS v FROM range(4)) TO '${path('a.parquet')}'`,
  )
  connection.closeSync()
  instance.closeSync()
  const { columns } = await columnStatistics({ path: path('a.parquet') })
  expect(columns.map((column) => [column.type, ...rowOf(column)])).toEqual([
    ['UTINYINT', 't0', 'integer', 0, 4, 0, 3],
    ['DOUBLE', 'f', 'float', 1, 3, 0.25, 0.75],
    ['FLOAT', 'nan', 'float', 0, 1, undefined, undefined],
    ['DATE', 'day', 'time', 0, 4, '2020-01-01T00:00:00.000Z', '2020-01-04T00:00:00.000Z'],
    ['BOOLEAN', 'b', 'boolean', 0, 2, undefined, undefined],
    ['VARCHAR[]', 'l', 'list', 0, 2, 1, 2],
    ['STRUCT(a INTEGER)', 's', 'other', 0, 1, undefined, undefined],
    ['INTEGER[][]', 'deep', 'other', 0, 1, undefined, undefined],
    ['DECIMAL(5,2)', 'dec', 'float', 0, 1, 1.5, 1.5],
    ['DOUBLE', 'huge', 'float', 0, 4, 0, 3],
    ['INTEGER', 'i', 'integer', 0, 1, 1, 1],
    ['INTERVAL', 'v', 'other', 0, 1, undefined, undefined],
  ])
})

test.each([
  ['nowhere.csv', undefined, 'FILE_NOT_FOUND'],
  ['empty.csv', '', 'EVENTS_EMPTY'],
  ['head.csv', 'a,b\n', 'EVENTS_EMPTY'],
  ['twice.csv', 'a,b,a\n1,2,3\n', 'COLUMN_INVALID'],
  ['cut.csv', 'a,b\n1,2\n3\n', 'FILE_UNREADABLE'],
  ['semicolons.csv', 'a;b\n1;2\n', 'FILE_UNREADABLE'],
])('refuses %s', async (name, content, code) => {
  const file = content === undefined ? path(name) : write(name, content)
  await expect(columnStatistics({ path: file })).rejects.toMatchObject({ code })
})

test('a column without a name, such as an index, is left out', async () => {
  const { columns } = await columnStatistics({ path: write('index.csv', ',a,b\n0,1,2\n') })
  expect(columns.map(({ name }) => name)).toEqual(['a', 'b'])
})
