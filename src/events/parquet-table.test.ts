import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { EnsuiteError } from '../errors.ts'
import { eventFolder, item, price, read, refusal, session, type Read } from './typed-events.test-support.ts'
import type { TypedColumn } from './typed-events.ts'

const { parquet, write } = eventFolder()

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

describe('Parquet files whose columns have other types', () => {
  /** What is read of one query's file between two of another's, and of another between two of the one, which must be the same. */
  const both = async (one: string, other: string, type: TypedColumn['type']): Promise<readonly unknown[]> => {
    const between = async (first: string, second: string): Promise<Read> => {
      const files = [
        await parquet('one.parquet', `SELECT 1 AS x, ${first} AS v`),
        await parquet('two.parquet', `SELECT ${second} AS v, 'y' AS x`),
        await parquet('three.parquet', `SELECT 2 AS x, ${first} AS v, 3 AS z`),
      ]
      return read(files, { name: 'v', type })
    }
    const [forth, back] = [await between(one, other), await between(other, one)]
    expect([back[1], back[0], back[1]]).toEqual(forth)
    expect([forth[1], forth[0], forth[1]]).toEqual(back)
    return forth.slice(0, 2).flat()
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
    const refused = (files: readonly string[], type: TypedColumn['type']): Promise<EnsuiteError> =>
      refusal(() => read(files, { name: 'v', type }))
    expect((await refused([whole, far], 'text')).message).toMatch(
      /received '1e\+21' \(row 1 of .*b\.parquet\)/,
    )
    const lists = await parquet('d.parquet', 'SELECT [1] AS v')
    expect((await refused([whole, lists], 'number')).message).toMatch(/'v' .* holds INTEGER\[\]/)
    expect(await refused([whole, other], 'number')).toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringMatching(/c\.parquet has no column 'v', which .*a\.parquet has/) as string,
    })
  })
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
    const path = write(`cut-${length}.parquet`, whole.subarray(0, length))
    const error = await refusal(() => read(path, session, price))
    expect(error.code).toBe('FILE_UNREADABLE')
    expect(error.message).toContain(path)
  }
})

test('decimals of more digits than the engine reads', async () => {
  // One value, 7.50, of decimal256(50, 2), as pyarrow writes it.
  const bytes =
    'UEFSMRUAFTYVNiwVAhUAFQYVBhwAAAACAAAAAgEAAAAAAAAAAAAAAAAAAAAAAAAAAu4VBBksNQAYBnNjaGVtYRUCABUOFSoVAhgBdiUKFQQVZCxcFQQVZAAA' +
    'ABYCGRwZHCYAHBUOGSUGABkYAXYVABYCFlwWXCYISRwVABUAFQIAPCkGGSYAAgAAABZcFgImCBZcACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNi4w' +
    'LjEZHBwAAACKAAAAUEFSMQ=='
  const path = write('wide.parquet', Buffer.from(bytes, 'base64'))
  const error = await refusal(() => read(path, { name: 'v', type: 'number' }))
  expect(error.code).toBe('FILE_UNREADABLE')
  expect(error.message).toMatch(/'v' holds decimals of more than 38 digits/)
})

test('nested columns', async () => {
  const path = await parquet('nested.parquet', `SELECT 's' AS session, [1, 2] AS price`)
  expect((await refusal(() => read(path, session, price))).message).toMatch(/'price' .* holds INTEGER\[\]/)
})
