import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withDatabase } from '../database.ts'
import { filePattern, literal } from '../sql.ts'
import { temporaryFolder } from '../test-files.test-support.ts'
import { type PreparedDataset, prepareDataset, type PrepareOptions } from './prepare-dataset.ts'
import type { PreparationStep, Recipe } from './recipe.ts'
import { windowBatches } from './windows.ts'

const folder = temporaryFolder()
let made = 0

/** A log of `session,item,time,hour` in hours. */
const recipeFor = (file: string, more: Partial<Recipe> = {}): Recipe => ({
  inputs: [{ files: [file], reading: { kind: 'delimited' } }],
  lookups: [],
  session: 'session',
  item: 'item',
  time: { kind: 'number', column: 'time', unit: 'milliseconds' },
  columns: [],
  derived: [],
  steps: [],
  ...more,
})

async function prepare(
  recipe: Recipe,
  options: Partial<PrepareOptions> = {},
): Promise<PreparedDataset & { readonly out: string }> {
  const out = options.folder ?? folder.path(`out-${++made}`)
  mkdirSync(out, { recursive: true })
  return { ...(await prepareDataset(recipe, { ...options, folder: out })), out }
}

const rowsOf = (file: string, sql: string): Promise<readonly Readonly<Record<string, string>>[]> =>
  withDatabase([file], (database) =>
    database.rows(
      sql.replace('FILE', `read_parquet(${literal(filePattern(file))}, hive_partitioning = false)`),
    ),
  )
const eventsOf = async (out: string): Promise<readonly string[]> =>
  (
    await rowsOf(
      join(out, 'events.parquet'),
      `SELECT concat_ws(' ', session, item, CAST(time AS BIGINT)) AS event FROM FILE`,
    )
  ).map(({ event }) => event!)
const log = (first: string | readonly string[], ...more: readonly string[]): string => {
  const events = [first, ...more].flat()
  return folder.write(
    `log-${++made}.csv`,
    `session,item,time\n${events.map((event) => `${event.replaceAll(' ', ',')}\n`).join('')}`,
  )
}

describe('the order of events', () => {
  it('is by first event of the session, then time, then the file; equal first events keep sessions whole', async () => {
    const file = log('b x 5', 'a y 9', 'b z 3', 'c q 5', 'd q 5', 'c p 5', 'd r 4', 'a w 3', 'd s 5')
    const { out } = await prepare(recipeFor(file))
    expect(await eventsOf(out)).toEqual([
      'b z 3',
      'b x 5',
      'a w 3',
      'a y 9',
      'd r 4',
      'd q 5',
      'd s 5',
      'c q 5',
      'c p 5',
    ])
  })

  it('is that of the files where there is no time, and the time is the place', async () => {
    const recipe = recipeFor(log('b x 5', 'a y 9', 'b z 3'), { time: { kind: 'place' } })
    const { out } = await prepare({
      ...recipe,
      inputs: [...recipe.inputs, { files: [log('b w 1')], reading: { kind: 'delimited' } }],
    })
    expect(await eventsOf(out)).toEqual(['b x 0', 'b z 1', 'b w 2', 'a y 0'])
  })
})

describe('steps', () => {
  const run = async (
    events: readonly string[],
    ...steps: readonly PreparationStep[]
  ): Promise<readonly string[]> => eventsOf((await prepare(recipeFor(log(events), { steps }))).out)

  it('removes repeats in a row, or all, by the order of time', async () => {
    const events = ['a x 1', 'a y 3', 'a x 2', 'a x 4', 'b x 5']
    expect(await run(events, { kind: 'remove-repeats', which: 'consecutive' })).toEqual([
      'a x 1',
      'a y 3',
      'a x 4',
      'b x 5',
    ])
    expect(await run(events, { kind: 'remove-repeats', which: 'all' })).toEqual(['a x 1', 'a y 3', 'b x 5'])
  })

  it('counts once, or until nothing changes', async () => {
    // z is rare; without it b is short; without b, y is rare.
    const events = ['a x 1', 'a y 2', 'b y 3', 'b z 4', 'c x 5', 'c x 6']
    const step = { kind: 'minimum-counts', session: 2, item: 2 } as const
    expect(await run(events, { ...step, repeat: false })).toEqual([
      'a x 1',
      'a y 2',
      'b y 3',
      'c x 5',
      'c x 6',
    ])
    expect(await run(events, { ...step, repeat: true })).toEqual(['c x 5', 'c x 6'])
  })

  it('begins sessions after a pause', async () => {
    const events = ['a x 0', 'a y 60000', 'a z 120001', 'b x 1']
    expect(await run(events, { kind: 'sessions-by-pause', minutes: 1 })).toEqual([
      'a-1 x 0',
      'a-1 y 60000',
      'b-1 x 1',
      'a-2 z 120001',
    ])
  })
})

describe('windows', () => {
  const SESSIONS = 300
  const events = Array.from({ length: SESSIONS * 3 }, (_, at) => {
    const session = (at * 7) % SESSIONS
    return `s${session} i${at % 11} ${(session % 30) * 3_600_000 + at}`
  })
  const recipe = recipeFor(log(events), { windows: { unit: 'day', by: 'calendar', minSessions: 1 } })
  const files = ['train', 'valid', 'test'].map((name) => `sessions_by_day/0001/${name}.parquet`)
  const contentOf = async (out: string): Promise<readonly string[]> =>
    Promise.all(
      files.map(async (file) =>
        JSON.stringify(
          await rowsOf(
            join(out, file),
            `SELECT session, CAST(item AS VARCHAR) AS item, CAST(time AS VARCHAR) AS time FROM FILE`,
          ),
        ),
      ),
    )

  it('hold whole sessions, ordered; halves by the MD5 of seed and session', async () => {
    const { out, windows } = await prepare(recipe, { seed: 3 })
    expect(windows!.map(({ sessions, interactions }) => [sessions, interactions])).toEqual([
      [240, 720],
      [60, 180],
    ])
    const flat = (await eventsOf(out)).map((event) => event.split(' '))
    const [train, valid, test] = await Promise.all(
      files.map((file) =>
        rowsOf(
          join(out, file),
          `SELECT session, array_to_string(item, ' ') AS items, array_to_string(list_transform(time, lambda each: CAST(each AS BIGINT)), ' ') AS times FROM FILE`,
        ),
      ),
    )
    const first = flat.filter(([, , time]) => Number(time) < 24 * 3_600_000)
    const order = [...new Set(first.map(([session]) => session!))]
    expect(train!.map(({ session }) => session)).toEqual(order)
    for (const { session, items, times } of train!) {
      const own = flat.filter(([id]) => id === session)
      expect([items, times]).toEqual([
        own.map(([, item]) => item).join(' '),
        own.map(([, , time]) => time).join(' '),
      ])
    }
    const digest = (session: string): string => createHash('md5').update(`3:${session}`).digest('hex')
    const half = new Set(
      order.toSorted((left, right) => (digest(left) < digest(right) ? -1 : 1)).slice(0, 120),
    )
    expect(valid!.map(({ session }) => session)).toEqual(order.filter((session) => half.has(session)))
    expect(test!.map(({ session }) => session)).toEqual(order.filter((session) => !half.has(session)))
  })

  it('are the same in buckets, with little memory', async () => {
    const many = Array.from({ length: 300_000 }, (_, at) => `s${(at * 7919) % 60_000} i${at % 11} ${at}`)
    const large = { ...recipe, inputs: recipeFor(log(many)).inputs }
    const [whole, buckets] = [await prepare(large), await prepare(large, { memoryLimit: 100e6 })]
    expect(await contentOf(buckets.out)).toEqual(await contentOf(whole.out))
  })

  it('leave out what has too few sessions, and count on without gaps', async () => {
    const file = log(
      ['a', 'b'].flatMap((id) => [`${id} x 1`, `${id} y 2`]),
      'c x 86400001',
      'd x 172800001',
      'e x 172800002',
    )
    const { out, sessions, windows } = await prepare(
      recipeFor(file, { windows: { unit: 'day', by: 'first-event', minSessions: 2 } }),
    )
    expect(sessions).toBe(4)
    expect(windows!.map(({ number, key }) => [number, key])).toEqual([
      [1, 0],
      [2, 2],
    ])
    expect(readdirSync(join(out, 'sessions_by_day'))).toEqual(['0001', '0002'])
    expect(readdirSync(out).sort()).toEqual(['events.parquet', 'sessions_by_day'])
  })

  it('are grouped together up to so many events', () => {
    const windows = [5, 5, 20, 1, 1].map((interactions, at) => ({
      number: at + 1,
      key: at,
      sessions: 1,
      interactions,
    }))
    expect(windowBatches(windows, 10).map((batch) => batch.map(({ number }) => number))).toEqual([
      [1, 2],
      [3],
      [4, 5],
    ])
  })
})

it('takes folders with brackets, spaces and quotes, and refuses one with a question mark', async () => {
  const windows = { unit: 'day', by: 'calendar', minSessions: 1 } as const
  const recipe = recipeFor(log('a x 1'), { windows })
  const { out } = await prepare(recipe, { folder: folder.path("it's [a] *folder") })
  expect(await eventsOf(out)).toEqual(['a x 1'])
  await expect(prepare(recipe, { folder: folder.path('why?') })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
})

it('refuses options that it does not know', async () => {
  const recipe = recipeFor(log('a x 1'))
  // @ts-expect-error -- memoryLimit
  await expect(prepare(recipe, { memory: 1e9 })).rejects.toMatchObject({ code: 'OPTION_UNKNOWN' })
  await expect(prepare(recipe, { memoryLimit: 1 })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(prepare(recipe, { seed: 0.5 })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})
