import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { prepareFrom, sharedData, sharedNote } from './prepared.test-support.ts'

interface Golden {
  readonly name: string
  readonly from: string
  readonly rows: number
  readonly sessions: number
  readonly interactions: number
  readonly items: number
  readonly windows?: number
}

/** Counts as the papers or the makers of the files give them; of the samples, as a plain program without SQL counted them. */
const golden: readonly Golden[] = [
  { name: 'ml-100k', from: 'ml-100k', rows: 100_000, sessions: 943, interactions: 100_000, items: 1682 },
  { name: 'ml-1m', from: 'ml-1m', rows: 999_611, sessions: 6040, interactions: 999_611, items: 3416 },
  {
    name: 'amazon-beauty',
    from: 'amazon_beauty_enriched',
    rows: 198_502,
    sessions: 22_363,
    interactions: 198_502,
    items: 12_101,
  },
  // 186,670 training sessions and 15,963 of the test, whose 60,858 prefixes are 76,821 events.
  {
    name: 'diginetica',
    from: 'gcegnn_diginetica',
    rows: 982_961,
    sessions: 202_633,
    interactions: 982_961,
    items: 43_097,
  },
  {
    name: 'diginetica',
    from: 'diginetica_raw_sample',
    rows: 12_391,
    sessions: 525,
    interactions: 1877,
    items: 317,
  },
  {
    name: 'yoochoose',
    from: 'rsc15_100k',
    rows: 83_846,
    sessions: 17_379,
    interactions: 63_764,
    items: 2893,
    windows: 7,
  },
  {
    name: 'rees46',
    from: 'rees46_sample_5k',
    rows: 5019,
    sessions: 767,
    interactions: 2758,
    items: 1780,
    windows: 1,
  },
]

describe.skipIf(sharedNote !== '')(`real files${sharedNote}`, () => {
  it.each(golden)('$name from $from', async ({ name, from, windows, ...counts }) => {
    const prepared = await prepareFrom(name, join(sharedData, from))
    expect(prepared).toMatchObject(counts)
    expect(prepared.windows?.length).toBe(windows)
    const described = JSON.parse(readFileSync(join(prepared.folder, 'dataset.json'), 'utf8')) as {
      sources: { sha256: string }[]
      counts: object
    }
    expect(described.counts).toEqual({ ...counts, ...(windows !== undefined && { windows }) })
    for (const { sha256 } of described.sources) expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    for (const [sql, expected] of checks[from] ?? []) expect(await prepared.query(sql)).toEqual(expected)
  })
})

/** More that is known of a folder: queries and their answers. */
const checks: Readonly<Record<string, readonly (readonly [sql: string, rows: readonly object[]])[]>> = {
  'ml-100k': [
    [
      "SELECT DISTINCT title, genres FROM FILE WHERE item = '1'",
      [{ title: 'Toy Story (1995)', genres: "Animation|Children's|Comedy" }],
    ],
  ],
  'ml-1m': [
    [
      "SELECT string_agg(item, ' ') AS items FROM (SELECT item FROM FILE WHERE session = '5988' LIMIT 3)",
      [{ items: '1198 3552 356' }],
    ],
    [
      "SELECT DISTINCT title, genres FROM FILE WHERE item = '3134'",
      [{ title: 'Grand Illusion (Grande illusion, La) (1937)', genres: 'Drama|War' }],
    ],
  ],
  gcegnn_diginetica: [
    [
      'SELECT split, count(DISTINCT session) AS sessions, count(*) - count(DISTINCT session) AS prefixes FROM FILE GROUP BY split ORDER BY split',
      [
        { split: 'test', sessions: '15963', prefixes: '60858' },
        { split: 'train', sessions: '186670', prefixes: '719470' },
      ],
    ],
    [
      "SELECT string_agg(item, ' ' ORDER BY time) AS items FROM FILE WHERE session = 'test-1'",
      [{ items: '21553 20071 8762 21566 6381 21566' }],
    ],
  ],
  amazon_beauty_enriched: [
    [
      "SELECT DISTINCT price, brand, categories FROM FILE WHERE asin = 'B004756YJA'",
      [{ price: '12', brand: 'OPI', categories: "'Beauty', 'Makeup', 'Nails', 'Nail Polish'" }],
    ],
  ],
  rsc15_100k: [
    [
      'SELECT string_agg(sessions, \' \') AS sessions FROM (SELECT count(DISTINCT session) AS sessions FROM FILE GROUP BY "window" ORDER BY "window")',
      [{ sessions: '2437 2459 2483 1860 1885 3437 2818' }],
    ],
  ],
  rees46_sample_5k: [
    [
      'SELECT item, time, brand, price, category_code FROM FILE LIMIT 1',
      [
        {
          item: '17200506',
          time: String(Date.UTC(2019, 9, 1, 0, 0, 1)),
          brand: 'null',
          price: '543.1',
          category_code: 'furniture.living_room.sofa',
        },
      ],
    ],
  ],
}

it('eshop-clothing from the package', async () => {
  const from = fileURLToPath(new URL('../../examples/eshop-clothing/', import.meta.url))
  const { query, ...prepared } = await prepareFrom('eshop-clothing', from)
  expect(prepared).toMatchObject({ sessions: 24_026, interactions: 165_474, items: 217 })
  const [first] = await query('SELECT session, item, time, colour, price FROM FILE LIMIT 1')
  expect(first).toEqual({
    session: '1',
    item: 'A13',
    time: String(Date.UTC(2008, 3, 1) + 1),
    colour: '1',
    price: '28',
  })
  const [unordered] = await query(
    'SELECT count(*) AS count FROM (SELECT "order" - lag("order") OVER (PARTITION BY session ORDER BY time) AS step FROM FILE) WHERE step <= 0',
  )
  expect(unordered!['count']).toBe('0')
})
