import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { expressions as e } from '../expressions/index.ts'
import { workflow } from './workflow.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-times-'))
afterAll(() => rmSync(folder, { recursive: true }))

const fit = (type: 'time' | 'seconds', times: readonly (number | string)[]): Promise<unknown> => {
  const path = join(folder, 'log.csv')
  writeFileSync(path, `user,item,ts\n${times.map((time) => `u,a,${time}\n`).join('')}`)
  return workflow({ session: 'user', item: 'item', time: e.column('ts', type) }).fit({ path })
}
const second = 1_700_000_000

test.each([
  ['time', [second, second + 5], /'ts': .*look like seconds. Write time: column\('ts', 'seconds'\)/],
  ['time', [second, 1000 * second], /some look like seconds and some like milliseconds/],
  ['seconds', [1000 * second, 1000 * second + 5], /look like milliseconds. Write time: 'ts'/],
  ['time', [1e6 * second, 1e6 * second + 5], /behind the year 9999: they look like microseconds/],
  ['time', [20240301, 20240302], /dates written as YYYYMMDD; as milliseconds .* Write them as ISO dates/],
  ['seconds', [20240301], /dates written as YYYYMMDD; as seconds/],
  ['seconds', [2024030123, 2024123100], /dates written as YYYYMMDDHH; as seconds/],
  ['time', [202403012359, 202612312359], /dates written as YYYYMMDDHHMM; as milli/],
  ['time', [20240301235959, 20991231000000], /dates written as YYYYMMDDHHMMSS/],
] as const)('%s of %j are refused: pauses and hours would be wrong', async (type, times, message) => {
  await expect(fit(type, times)).rejects.toMatchObject({
    code: 'COLUMN_INVALID',
    message: expect.stringMatching(message) as string,
  })
})

test.each([
  ['time', [1000 * second]],
  ['time', [0, 1, 2]],
  ['time', [0, 1000 * second]],
  ['time', [20240301, 20241301]],
  ['time', [20240301, 1000 * second]],
  ['time', ['2024-01-01', '2024-01-02T10:00:00Z']],
  ['seconds', [second, second + 0.5]],
  ['seconds', [0, 1]],
] as const)('%s of %j are taken', async (type, times) => {
  await expect(fit(type, times)).resolves.toBeDefined()
})

test.each([
  ['time', second, /look like seconds/],
  ['time', 20240301, /dates written as YYYYMMDD/],
  ['seconds', 1000 * second, /look like milliseconds/],
] as const)('live events whose times are %s are refused in another unit', async (type, at, message) => {
  const path = join(folder, 'live.csv')
  const right = type === 'time' ? 1000 * second : second
  writeFileSync(path, `user,item,ts\nu,a,${right}\nu,b,${right}\n`)
  const own = workflow({
    session: 'user',
    item: 'item',
    time: e.column('ts', type),
    features: { item: e.category('item') },
  })
  const fitted = await own.fit({ path })
  expect(fitted.encode([{ item: 'a', ts: right }]).times).toEqual([1000 * second])
  expect(() => fitted.encode([{ item: 'a', ts: at }])).toThrow(
    expect.objectContaining({
      code: 'COLUMN_INVALID',
      message: expect.stringMatching(message) as string,
    }) as Error,
  )
})
