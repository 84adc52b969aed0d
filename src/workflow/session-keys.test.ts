import { expect, test } from 'vitest'
import { withDatabase } from '../events/database.ts'
import {
  allSessions,
  createSessionNames,
  inRanges,
  rowType,
  sessionRanges,
  type SessionRange,
} from './session-keys.ts'

/** A database with sessions of these numbers of events, one after the other: numbered 0, and by how many events came before. */
const withSessions = <Result>(
  events: readonly number[],
  body: (run: Parameters<Parameters<typeof withDatabase>[1]>[0]) => Promise<Result>,
): Promise<Result> =>
  withDatabase([], async (database) => {
    const lists = events.map((count, at) => `SELECT 's${at}' AS c0 FROM range(${count})`)
    await database.run(`CREATE TABLE events AS ${lists.join(' UNION ALL ')}`)
    await createSessionNames(database, 'names', await rowType(database))
    return body(database)
  })

const ranges = (events: readonly number[], parts: number): Promise<readonly SessionRange[]> =>
  withSessions(events, (database) => sessionRanges(database, 'names', { parts }))

test('sessions are numbered by their first row', async () => {
  const names = await withSessions([2, 1, 3], (database) => database.rows('SELECT * FROM names'))
  expect(names.map((row) => Object.values(row))).toEqual([
    ['s0', '0', '2'],
    ['s1', '2', '1'],
    ['s2', '3', '3'],
  ])
})

test('parts of about as many events, one after the other, all sessions in one', async () => {
  const { until } = allSessions
  expect(await ranges([1, 1, 1, 1], 1)).toEqual([allSessions])
  expect(await ranges([1, 1, 1, 1], 2)).toEqual([
    { from: 0, until: 2 },
    { from: 2, until },
  ])
  // A session that is larger than a part leaves others empty.
  expect(await ranges([10, 1], 3)).toEqual([
    { from: 0, until: 0 },
    { from: 0, until: 10 },
    { from: 10, until },
  ])
  expect(await ranges([1, 10], 2)).toEqual([
    { from: 0, until: 1 },
    { from: 1, until },
  ])
})

test('what does not fit into memory is halved, down to a session', async () => {
  const most = 3
  const events = [1, 2, 1, 1, 3, 1]
  const done = await withSessions(events, async (database) => {
    const parts: number[] = []
    await inRanges(database, 'names', [allSessions], async ({ from, until }) => {
      const [counted] = await database.rows(
        `SELECT coalesce(sum(events), 0) AS events FROM names WHERE session >= ${from} AND session < ${until}`,
      )
      const size = Number(counted!['events'])
      if (size > most) throw new Error('Out of Memory Error: no more')
      parts.push(size)
    })
    return parts
  })
  expect(done.reduce((sum, each) => sum + each)).toBe(9)
  expect(Math.max(...done)).toBeLessThanOrEqual(most)

  const told = (message: string): Promise<unknown> =>
    withSessions([2], (database) =>
      inRanges(database, 'names', [allSessions], () => Promise.reject(new Error(message))),
    )
  await expect(told('Out of Memory Error: no more')).rejects.toThrow('Out of Memory')
  await expect(told('Something else')).rejects.toThrow('Something else')
})
