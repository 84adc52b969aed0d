import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { expressions as e } from '../expressions/index.ts'
import { withEvents } from './with-events.ts'
import { workflow } from './workflow.ts'
import { groupSessions } from './group-sessions.ts'
import { runStages } from './run-stages.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-stream-features-'))
afterAll(() => rmSync(folder, { recursive: true }))

const item = e.column('item', 'text')
const time = e.column('time', 'time')
const recent = e.recentCount(time, { by: item, windowMs: 1000 })
const events = [
  { user: 'u', item: 'a', time: 0 },
  { user: 'u', item: 'a', time: 10 },
  { user: 'v', item: 'a', time: 20 },
  { user: 'u', item: 'b', time: 30 },
  { user: 'v', item: 'a', time: 40 },
  { user: 'u', item: 'a', time: 50 },
]
const path = join(folder, 'events.jsonl')
writeFileSync(path, events.map((event) => JSON.stringify(event)).join('\n'))

test('what looks at all sessions sees events that a step drops, in a file as online', async () => {
  const fitted = await workflow({
    session: 'user',
    time: 'time',
    steps: [{ keep: e.not(e.repeatsLast(item)) }],
    features: {
      recent,
      learnt: e.minMax(recent),
      code: e.categorify(item),
      coded: e.recentCount(time, { by: e.toText(e.categorify(item)), windowMs: 1000 }),
    },
  }).fit({ path })
  const table = await fitted.table({ path })
  const past = fitted.createPast()
  for (const event of events) past.observe(event)
  const live = ['u', 'v'].map((user) =>
    fitted.encode(
      events.filter((event) => event.user === user),
      { past },
    ),
  )
  // Of user u the events at 0, 30 and 50 are left, of v the one at 20.
  expect([...table.rows]).toEqual([0, 3, 5, 2])
  expect(table.features['recent']).toEqual([0, 0, 4, 2])
  expect(table.features['coded']).toEqual([0, 0, 4, 2])
  expect(table.features['learnt']).toEqual([0, 0, 1, 0.5])
  for (const name of Object.keys(table.features))
    expect(
      live.flatMap(({ features }) => features[name]),
      name,
    ).toEqual(table.features[name])
})

test('a step may look at all sessions', async () => {
  const fitted = await workflow({
    session: 'user',
    time: 'time',
    steps: [{ keep: e.less(recent, 1) }, { keep: e.less(e.position(), 2) }],
    features: { item, recent },
  }).fit({ path })
  const table = await fitted.table({ path })
  expect([...table.rows]).toEqual([0, 3])
  expect(table.features['recent']).toEqual([0, 0])
})

test('a period leaves out events to learn from, and not what they know of the others', async () => {
  const fitted = await workflow({
    session: 'user',
    time: 'time',
    features: { recent: e.minMax(recent), gap: e.minMax(e.sinceLast(time)) },
  }).fit({ path }, { period: { from: 30, until: 50 } })
  const totals = fitted.toJSON().states[0]!.map(([, state]) => state.totals)
  // At 30 and 40: none of b and three of a, 20 milliseconds after 10 and 20.
  expect(totals).toEqual([
    { min: 0, max: 3 },
    { min: 20, max: 20 },
  ])
})

test('what looks at all sessions is the same when sessions are computed in parts', async () => {
  const { definition } = workflow({ session: 'user', time: 'time', features: { recent } })
  const recentBy = (buckets: number): Promise<unknown> =>
    withEvents({ path }, definition, {}, async (database) => {
      const staged = await runStages(database, definition, { training: false, buckets })
      await groupSessions(database, definition, staged, { buckets })
      const rows = await database.rows(
        'SELECT session, CAST(to_json(recent) AS VARCHAR) AS recent FROM sessions ORDER BY session',
      )
      return rows.map((row) => ({ session: row['session'], recent: JSON.parse(row['recent']!) as unknown }))
    })
  const expected = [
    { session: 'u', recent: [0, 1, 0, 4] },
    { session: 'v', recent: [2, 3] },
  ]
  for (const buckets of [1, 2, 7]) expect(await recentBy(buckets)).toEqual(expected)
})

test('a past refuses times in another unit, of files as of events, and remembers nothing of them', async () => {
  const second = 1_700_000_000
  const write = (name: string, unit: number): { readonly path: string } => {
    const rows = events.map((event) => JSON.stringify({ ...event, time: (second + event.time) * unit }))
    writeFileSync(join(folder, name), rows.join('\n'))
    return { path: join(folder, name) }
  }
  const [right, wrong] = [write('milliseconds.jsonl', 1000), write('seconds.jsonl', 1)]
  const fitted = await workflow({
    session: 'user',
    time: 'time',
    features: { recent: e.recentCount(time, { by: item, windowMs: 1e6 }) },
  }).fit(right)
  await expect(fitted.readPast(wrong)).rejects.toMatchObject({ code: 'COLUMN_INVALID' })
  const past = await fitted.readPast(right)
  expect(() => {
    past.observe({ user: 'u', item: 'a', time: second })
  }).toThrow(/look like seconds/)
  const live = [{ user: 'w', item: 'a', time: (second + 100) * 1000 }]
  expect(fitted.encode(live, { past }).features['recent']).toEqual([5])
})
