import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { withDatabase } from '../events/database.ts'
import { expressions as e } from '../expressions/index.ts'
import { openPrepared } from './prepared-sessions.ts'
import { prepare, type PrepareOptions } from './prepare.ts'
import { sliceSql, type SessionSlice } from './session-slice.ts'
import { workflow as createWorkflow } from './workflow.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-slice-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('the SQL of a slice keeps what Python keeps, which is what JavaScript keeps', async () => {
  const bounds = [-7, -3, -2, -1, 0, 1, 2, 3, 7]
  const cases = [1, 2, 3].flatMap((length) =>
    [undefined, ...bounds].flatMap((start) =>
      [undefined, ...bounds].map((end) => ({
        values: Array.from({ length }, (_, at) => at),
        slice: { ...(start !== undefined && { start }), ...(end !== undefined && { end }) },
      })),
    ),
  )
  await withDatabase([], async (database) => {
    const fields = cases.map(({ values, slice }) => sliceSql(`[${values.join(', ')}]`, slice))
    const [row] = await database.rows(
      `SELECT CAST(to_json([${fields.join(', ')}]) AS VARCHAR) AS all_of_them`,
    )
    const expected = cases.map(({ values, slice: { start, end } }) => values.slice(start, end))
    expect(JSON.parse(row!['all_of_them']!)).toEqual(expected)
  })
})

const source = { path: join(folder, 'events.csv') }
writeFileSync(
  source.path,
  `session,price\n${['a,1', 'b,10', 'a,2', 'c,100', 'b,20', 'a,3', 'b,30', 'a,4', 'b,40', 'c,200'].join('\n')}\n`,
)
const price = e.column('price', 'number')
const workflow = createWorkflow({
  session: 'session',
  features: { price, position: e.position(), sum: e.sessionSum(price) },
  context: { latest: price },
})

const written = async (
  options: Omit<PrepareOptions, 'out'>,
): Promise<{ readonly counts: readonly number[]; readonly rows: readonly unknown[] }> => {
  const out = join(folder, 'out')
  const { sessions, events } = await prepare(workflow, source, { out, ...options })
  const { parts } = await openPrepared(out)
  const rows = await withDatabase([parts[0]!.file], (database) =>
    database.rows(
      `SELECT session, array_to_string(price, ' ') AS price, array_to_string(position, ' ') AS position, array_to_string(sum, ' ') AS sum, CAST(latest AS INTEGER) AS latest FROM '${parts[0]!.file}'`,
    ),
  )
  return {
    counts: [sessions, events],
    rows: rows.map((row) => ['session', 'price', 'position', 'sum', 'latest'].map((name) => row[name])),
  }
}

test('a slice of each session: features of all its events, the context of the last one kept', async () => {
  expect(await written({ slice: { start: 1, end: -1 } })).toEqual({
    // Session c has two events, of which none is between its first and its last.
    counts: [2, 4],
    rows: [
      ['a', '2.0 3.0', '1 2', '3.0 6.0', '3'],
      ['b', '20.0 30.0', '1 2', '30.0 60.0', '30'],
    ],
  })
  expect((await written({ slice: { end: 2 } })).rows).toEqual([
    ['a', '1.0 2.0', '0 1', '1.0 3.0', '2'],
    ['b', '10.0 20.0', '0 1', '10.0 30.0', '20'],
    ['c', '100.0 200.0', '0 1', '100.0 300.0', '200'],
  ])
})

test('what is left out is counted: by the steps, as too short, by the slice', async () => {
  const keeping = createWorkflow({
    session: 'session',
    steps: [{ keep: e.not(e.equal(price, 30)) }],
    features: { price },
  })
  const counts = async (options: Omit<PrepareOptions, 'out'>): Promise<unknown> => {
    const { sessions, events, eventsRead, leftOut } = await prepare(keeping, source, {
      out: join(folder, 'left'),
      ...options,
    })
    return [sessions, events, eventsRead, ...Object.values<number>({ ...leftOut })]
  }
  // dropped, short sessions, their events, emptied sessions, cut events
  expect(await counts({})).toEqual([3, 9, 10, 1, 0, 0, 0, 0])
  expect(await counts({ minEvents: 4 })).toEqual([1, 4, 10, 1, 2, 5, 0, 0])
  expect(await counts({ minEvents: 3, maxEvents: 2 })).toEqual([2, 4, 10, 1, 1, 2, 0, 3])
  expect(await counts({ slice: { start: 2 } })).toEqual([2, 3, 10, 1, 0, 0, 1, 6])
})

test('events are counted before the slice; maxEvents is a slice from the end', async () => {
  const last = [
    ['a', '4.0', '3', '10.0', '4'],
    ['b', '40.0', '3', '100.0', '40'],
  ]
  expect((await written({ minEvents: 3, slice: { start: -1 } })).rows).toEqual(last)
  expect((await written({ minEvents: 3, maxEvents: 1 })).rows).toEqual(last)
})

test.each<readonly [string, SessionSlice, string, RegExp]>([
  ['an unknown bound', { from: 1 } as SessionSlice, 'OPTION_UNKNOWN', /'from'/],
  ['half an event', { start: 0.5 }, 'OPTION_INVALID', /whole number/],
  ['what is no place', { end: 1e300 }, 'OPTION_INVALID', /at most/],
  ['an end before the start', { start: -2, end: -3 }, 'OPTION_INVALID', /no event of any session/],
  ['an end at the first event', { end: 0 }, 'OPTION_INVALID', /no event of any session/],
  ['more than any session has', { start: 4 }, 'SESSIONS_TOO_FEW', /widen the slice/],
])('is refused: %s', async (_, slice, code, message) => {
  await expect(prepare(workflow, source, { out: join(folder, 'no'), slice })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  })
})

test('is refused: beside maxEvents', async () => {
  const both = { out: join(folder, 'no'), slice: { start: 1 }, maxEvents: 3 }
  await expect(prepare(workflow, source, both)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})
