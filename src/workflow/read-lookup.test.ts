import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../events/test-files.test-support.ts'
import { expressions as e } from '../expressions/index.ts'
import { workflow } from './workflow.ts'
import { readLookup, type LookupColumns } from './read-lookup.ts'

const folder = temporaryFolder()
const csv = folder.write(
  'items.csv',
  'item_id,country,brand,price,sold\n' +
    '007,NL,"it\'s, a",1.5,true\n8,NL,,2,false\n007,NL,later,3,true\n8,NL,\u{1f600},-0,false\n,NL,none,4,true\n8,DE,null,,\n',
)
const json = folder.write(
  'items.jsonl',
  [
    { item_id: '7', at: '2024-03-31T01:00:00Z' },
    { item_id: 8, at: null },
    { item_id: 8, at: '1970-01-01' },
  ]
    .map((row) => JSON.stringify(row))
    .join('\n'),
)

test.each([
  ['texts, the first that is there', { value: 'brand' }, ["it's, a", '\u{1f600}']],
  ['numbers', { value: 'price', type: 'number' }, [1.5, 2]],
  ['truth values', { value: 'sold', type: 'boolean' }, [true, false]],
] as const)('%s', async (_, options, values) => {
  expect(await readLookup({ path: csv }, { keys: ['item_id'], ...options })).toEqual({
    keys: [['007'], ['8']],
    values,
  })
})

test('by two keys: a text that is spelled null is one', async () => {
  expect(await readLookup({ path: csv }, { keys: ['country', 'item_id'], value: 'brand' })).toEqual({
    keys: [
      ['NL', '007'],
      ['NL', '8'],
      ['DE', '8'],
    ],
    values: ["it's, a", '\u{1f600}', 'null'],
  })
})

test('times, of JSON lines', async () => {
  expect(await readLookup({ path: json }, { keys: ['item_id'], value: 'at', type: 'time' })).toEqual({
    keys: [['7'], ['8']],
    values: [Date.UTC(2024, 2, 31, 1), 0],
  })
})

test('Parquet: whole numbers as keys are texts', async () => {
  const path = folder.path('items.parquet')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(
    `COPY (SELECT * FROM (VALUES (7.0::DOUBLE, 1e-300), (8.0, 9007199254740993)) AS t(id, x)) TO '${path}'`,
  )
  connection.closeSync()
  instance.closeSync()
  expect(await readLookup({ path }, { keys: ['id'], value: 'x', type: 'number' })).toEqual({
    keys: [['7'], ['8']],
    values: [1e-300, 2 ** 53],
  })
})

test('what was read is looked up, offline as online', async () => {
  const table = await readLookup({ path: csv }, { keys: ['item_id'], value: 'brand' })
  const path = folder.write('events.csv', 'session,item\ns,8\ns,007\ns,7\ns,\n')
  const fitted = await workflow({
    session: 'session',
    features: { brand: e.lookup(e.column('item', 'text'), table) },
  }).fit({ path })
  const expected = ['\u{1f600}', "it's, a", null, null]
  expect((await fitted.table({ path })).features['brand']).toEqual(expected)
  const events = ['8', '007', '7', ''].map((item) => ({ session: 's', item }))
  expect(fitted.encode(events).features['brand']).toEqual(expected)
})

const item = { keys: ['item_id'] }
test.each([
  ['a missing file', 'nowhere.csv', { ...item, value: 'brand' }, 'FILE_NOT_FOUND', /nowhere/],
  ['a missing column', csv, { ...item, value: 'brnad' }, 'COLUMN_MISSING', /Did you mean 'brand'/],
  ['a missing key', csv, { keys: ['item'], value: 'brand' }, 'COLUMN_MISSING', /no column 'item'/],
  ['texts as numbers', csv, { ...item, value: 'brand', type: 'number' }, 'COLUMN_INVALID', /finite numbers/],
  ['no keys', csv, { keys: [], value: 'brand' }, 'OPTION_INVALID', /expects keys, a list of columns/],
  ['a key that is no list', csv, { keys: 'item_id', value: 'brand' }, 'OPTION_INVALID', /a list of columns/],
  ['no value', csv, item, 'OPTION_INVALID', /and value, a column/],
  [
    'an unknown type',
    csv,
    { ...item, value: 'price', type: 'float' },
    'OPTION_INVALID',
    /type must be one of/,
  ],
  ['an unknown option', csv, { ...item, values: 'price' }, 'OPTION_UNKNOWN', /Did you mean 'value'/],
])('%s', async (_, path, columns, code, message) => {
  const refused = readLookup({ path }, columns as unknown as LookupColumns)
  await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
})

test('a file with no row of use', async () => {
  const path = folder.write('empty.csv', 'item_id,brand\n1,\n,a\n')
  await expect(readLookup({ path }, { ...item, value: 'brand' })).rejects.toMatchObject({
    code: 'EVENTS_EMPTY',
  })
})
