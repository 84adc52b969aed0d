import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGunzip } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, describe, expect, test } from 'vitest'
import { columnNamed, columnSchema, inferSchema, type Role } from './index.ts'
import { type Meaning, nameHint } from './column-names.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-infer-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const names: readonly (readonly [string, Meaning | undefined, boolean])[] = [
  ['session_id', 'session', true],
  ['SessionId', 'session', true],
  ['session.ID', 'session', true],
  ['user', 'user', false],
  ['visitorid', 'user', true],
  ['click_article_id', 'item', true],
  ['sku', 'item', false],
  ['eventdate', 'time', false],
  ['click_timestamp', 'time', false],
  ['ts', 'time', false],
  ['created_at', 'time', false],
  ['session_size', 'continuous', false],
  ['item_price', 'continuous', false],
  ['product_category', 'categorical', false],
  ['user_session', 'session', false],
  ['user_country', 'categorical', false],
  ['price.2', 'continuous', false],
  ['statistics', undefined, false],
  ['data', undefined, false],
]
test.each(names)('the name %s says %s', (name, head, isKey) => {
  expect([nameHint(name).head, nameHint(name).isKey]).toEqual([head, isKey])
})

/** Column → role. */
type Roles = Readonly<Record<string, Role>>
async function rolesOf(source: Parameters<typeof inferSchema>[0]): Promise<Roles> {
  const { columns } = await inferSchema(source)
  expect(columns.every(({ reason }) => reason.length > 0 && reason.length < 100)).toBe(true)
  return Object.fromEntries(columns.map(({ name, role }) => [name, role]))
}

test('the example: session and item by name and value, the order of events by counting', async () => {
  const path = fileURLToPath(new URL('../../examples/eshop-clothing', import.meta.url))
  const { schema, columns, events } = await inferSchema({ path })
  expect(events).toBe(165_474)
  expect(Object.fromEntries(columns.map(({ name, role }) => [name, role]))).toEqual({
    year: 'ignore',
    month: 'categorical',
    day: 'categorical',
    order: 'time',
    country: 'categorical',
    'session.ID': 'session',
    'page.1..main.category.': 'categorical',
    'page.2..clothing.model.': 'item',
    colour: 'categorical',
    location: 'categorical',
    'model.photography': 'categorical',
    price: 'continuous',
    'price.2': 'categorical',
    page: 'categorical',
  })
  expect(columnNamed(schema, 'price')).toEqual(
    columnSchema({
      name: 'price',
      dtype: 'int64',
      tags: ['continuous', 'item'],
      domain: { min: 18, max: 82 },
    }),
  )
  expect(columnNamed(schema, 'page.2..clothing.model.')).toEqual(
    columnSchema({ name: 'page.2..clothing.model.', dtype: 'string', tags: ['item_id', 'categorical'] }),
  )
  expect(columnNamed(schema, 'country').tags).toEqual(['categorical', 'session'])
  expect(columns.find(({ name }) => name === 'page.2..clothing.model.')).toMatchObject({
    distinct: 217,
    missing: 0,
  })
})

const data = fileURLToPath(new URL('../../../shared/data/', import.meta.url))
describe.skipIf(!existsSync(data))('real logs (skipped where ../shared/data is not)', () => {
  const found: readonly (readonly [string, Omit<Parameters<typeof inferSchema>[0], 'path'>, Roles])[] = [
    [
      'rsc15_100k/yoochoose-clicks-100k_train_full.txt.gz',
      {},
      { SessionId: 'session', ItemId: 'item', Time: 'time' },
    ],
    [
      'ml-1m/events.tsv.gz',
      {},
      {
        sas_user: 'user',
        sas_item: 'item',
        orig_user: 'ignore',
        orig_movie: 'ignore',
        rating: 'continuous',
        timestamp: 'time',
        ts_exact: 'categorical',
      },
    ],
    [
      'rees46_sample_5k',
      {},
      {
        event_time: 'time',
        event_type: 'categorical',
        product_id: 'item',
        category_id: 'categorical',
        category_code: 'categorical',
        brand: 'categorical',
        price: 'continuous',
        user_id: 'user',
        user_session: 'session',
      },
    ],
    [
      'diginetica_raw_sample/sample_train-item-views.csv.gz',
      { delimiter: ';' },
      { session_id: 'session', user_id: 'user', item_id: 'item', timeframe: 'time', eventdate: 'ignore' },
    ],
    ['ml-1m/ml-1m.txt.gz', { columns: ['x', 'y'] }, { x: 'session', y: 'item' }],
  ]
  test.each(found)('%s', async (path, more, expected) => {
    expect(await rolesOf({ path: `${data}${path}`, ...more })).toEqual(expected)
  })

  test('g1_news/clicks.csv.gz, its first 100,000 clicks', async () => {
    const file = createReadStream(`${data}g1_news/clicks.csv.gz`)
    let text = ''
    for await (const chunk of file.pipe(createGunzip())) {
      text += (chunk as Buffer).toString('latin1')
      if (text.length > 8_000_000) break
    }
    file.destroy()
    const path = write('g1.csv', text.split('\n').slice(0, 100_001).join('\n'))
    expect(await rolesOf({ path })).toEqual({
      hour_index: 'categorical',
      user_id: 'user',
      session_id: 'session',
      session_start: 'ignore',
      session_size: 'continuous',
      click_article_id: 'item',
      click_timestamp: 'time',
      click_environment: 'categorical',
      click_deviceGroup: 'categorical',
      click_os: 'categorical',
      click_country: 'categorical',
      click_region: 'categorical',
      click_referrer_type: 'categorical',
    })
  })
})

/** A log in which only the values tell: `visits` rows of 5 events, a code each, and numbers that count from 1970. */
function unnamedLog(header: string): string {
  const rows = Array.from({ length: 200 }, (_, visit) =>
    Array.from(
      { length: 5 },
      (_, event) =>
        `v${visit},c${(visit * 7 + event * 3) % 40},${1_600_000_000_000 + visit * 100_000 + event},${['x', 'y'][event % 2]!}`,
    ),
  ).flat()
  return `${header}\n${rows.join('\n')}\n`
}

test('values alone: rows of one value in a row, the most values within them, milliseconds since 1970', async () => {
  expect(await rolesOf({ path: write('unnamed.csv', unnamedLog('q,r,s,t')) })).toEqual({
    q: 'session',
    r: 'item',
    s: 'time',
    t: 'categorical',
  })
})

test.each(['2024-01-31 10:00:00 +02', '2024-01-31T10:00+0200', '2024-01-31 10:00:00 UTC'])(
  'a column of times such as %s is one, in whichever way zones are spelled',
  async (time) => {
    const rows = Array.from(
      { length: 40 },
      (_, row) => `u${row % 7},i${row % 5},${time.replace('31', String(10 + (row % 20)))}`,
    )
    const path = write('zones.csv', `user,item,when\n${rows.join('\n')}\n`)
    const { columns } = await inferSchema({ path })
    expect(columns.find(({ name }) => name === 'when')?.role).toBe('time')
  },
)

test('a session a row, with lists: its key, its items, the lengths as shape', async () => {
  const path = join(folder, 'sessions.parquet')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(
    `COPY (SELECT range AS session_id, [range, range % 3][: (1 + range % 2)::INT] AS "item_id-list", [range::FLOAT, 1] AS scores,
      range % 2 = 0 AS bought FROM range(100)) TO '${path}'`,
  )
  connection.closeSync()
  instance.closeSync()
  expect((await inferSchema({ path })).schema.columns).toEqual([
    columnSchema({
      name: 'session_id',
      dtype: 'int64',
      tags: ['session_id', 'categorical'],
      domain: { min: 0, max: 99 },
    }),
    columnSchema({
      name: 'item_id-list',
      dtype: 'int64',
      tags: ['item_id', 'categorical', 'list'],
      shape: [{ min: 0 }, { min: 1, max: 2 }],
    }),
    columnSchema({
      name: 'scores',
      dtype: 'float32',
      tags: ['continuous', 'list'],
      shape: [{ min: 0 }, { min: 2, max: 2 }],
    }),
    columnSchema({ name: 'bought', dtype: 'bool', tags: ['categorical'] }),
  ])
})

test('roles that are given come first; the others are guessed around them', async () => {
  const path = write('given.csv', unnamedLog('q,r,s,t'))
  const { columns, schema } = await inferSchema({ path }, { roles: { t: 'item', s: 'ignore' } })
  expect(columns.map(({ role }) => role)).toEqual(['session', 'categorical', 'ignore', 'item'])
  expect(columns[3]!.reason).toBe('as you said')
  expect(columnNamed(schema, 't').tags).toEqual(['item', 'id', 'categorical'])
  const refused = (roles: Record<string, string>): Promise<unknown> =>
    inferSchema({ path }, { roles: roles as Record<string, Role> })
  await expect(refused({ u: 'item' })).rejects.toMatchObject({ code: 'COLUMN_MISSING' })
  await expect(refused({ q: 'product' })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(refused({ q: 'item', r: 'item' })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test.each([
  ['written the other way round', (row: number) => `0${(row % 9) + 1}/28/2024 10:0${row % 9}:00`, 1],
  [
    'of two writings',
    (row: number) => (row % 3 === 0 ? `2024-03-0${(row % 9) + 1}` : `${(row % 9) + 1}.3.2024`),
    2,
  ],
])('a column called a time, of dates %s, is no feature: what is wrong is said', async (_, dateOf, row) => {
  const lines = Array.from({ length: 90 }, (_, at) => `s${at % 30},i${at % 7},${dateOf(at)}`)
  const path = write('foreign.csv', `session,item,timestamp\n${lines.join('\n')}\n`)
  const { columns } = await inferSchema({ path })
  const value = dateOf(row - 1)
  expect(columns.at(-1)).toMatchObject({
    role: 'ignore',
    reason: `its name says timestamp, but '${value}' in row ${row} is no ISO date`,
    unreadableTime: { value, row },
  })
  // Texts that are no dates are a feature still, and so are the dates where that is said.
  const words = write(
    'words.csv',
    `session,item,date\n${lines.map((_, at) => `s${at % 30},i${at % 7},day ${at % 4}`).join('\n')}\n`,
  )
  expect((await inferSchema({ path: words })).columns.at(-1)).toMatchObject({ role: 'categorical' })
  const said = await inferSchema({ path }, { roles: { timestamp: 'categorical' } })
  expect(said.columns.at(-1)).toMatchObject({ role: 'categorical' })
})
