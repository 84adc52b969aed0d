import { createReadStream, mkdirSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../events/test-files.test-support.ts'
import { type Prepared, prepareFrom, sharedData, sharedNote } from './prepared.test-support.ts'

const folder = temporaryFolder()
const HOURS = 11
/** Sessions of the first hours, as the notebook of Transformers4Rec (tag recsys2021) prints them. */
const SESSIONS = [707, 531, 342, 244, 208, 284, 710, 1250, 1808, 2071, 2046]

describe.skipIf(sharedNote !== '')(`the first hours of G1${sharedNote}`, () => {
  let one: Prepared
  let many: Prepared

  beforeAll(async () => {
    const hours: string[][] = Array.from({ length: HOURS }, () => [])
    const lines = createInterface({
      input: createReadStream(join(sharedData, 'g1_news/clicks.csv.gz')).pipe(createGunzip()),
    })
    let header = ''
    for await (const line of lines) {
      if (header === '') header = line
      else if (Number.parseInt(line, 10) >= HOURS) break
      else hours[Number.parseInt(line, 10)]!.push(line)
    }
    folder.write('one/clicks.csv.gz', [header, ...hours.flat(), ''].join('\n'))
    const withoutHour = (line: string): string => line.slice(line.indexOf(',') + 1)
    for (const [hour, rows] of hours.entries())
      folder.write(
        `many/clicks/clicks_hour_${String(hour).padStart(3, '0')}.csv`,
        [header, ...rows, ''].map(withoutHour).join('\n'),
      )
    mkdirSync(folder.path('one'), { recursive: true })
    for (const place of ['one', 'many'])
      await copyFile(
        join(sharedData, 'g1_news/articles_metadata_partial.csv'),
        folder.path(`${place}/articles_metadata_partial.csv`),
      )
    one = await prepareFrom('g1', folder.path('one'))
    many = await prepareFrom('g1', folder.path('many'), { seed: 2 })
  })

  it('has the windows of the paper', () => {
    expect(one.windows!.map(({ sessions }) => sessions)).toEqual(SESSIONS)
    expect(one.windows!.map(({ number }) => number)).toEqual(SESSIONS.map((_, at) => at + 1))
  })

  it('divides as the paper does: all to train, halves of the same to valid and test', async () => {
    const of = async (split: string): Promise<readonly string[]> =>
      (await one.query('SELECT session FROM FILE', `sessions_by_hour/0001/${split}.parquet`)).map(
        ({ session }) => session!,
      )
    const [train, valid, test] = [await of('train'), await of('valid'), await of('test')]
    expect([train.length, valid.length, test.length]).toEqual([707, 353, 354])
    expect([...valid, ...test].sort()).toEqual([...train].sort())
  })

  it('has the features of the paper', async () => {
    // 2017-10-01 03:00:00.026 UTC is midnight of a Sunday in São Paulo.
    const [first] = await one.query(
      'SELECT session, time, environment, device, os, country, region, hour_sin, hour_cos, weekday_sin, weekday_cos, item_age_hours FROM FILE LIMIT 1',
    )
    const { session, ...values } = first!
    const numbers = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]))
    const wave = 2 * Math.PI * 1e-6
    expect(session).toBe('1506826329267796')
    expect(numbers).toMatchObject({
      time: 1_506_826_800_026,
      environment: 4,
      device: 3,
      os: 2,
      country: 1,
      region: 21,
    })
    expect(numbers['hour_sin']).toBeCloseTo(Math.sin(wave / 24), 12)
    expect(numbers['hour_cos']).toBeCloseTo(1, 12)
    expect(numbers['weekday_sin']).toBeCloseTo(Math.sin(wave / 7), 12)
    expect(numbers['weekday_cos']).toBeCloseTo(0.999_999_999_999_597_2, 12)
    expect(numbers['item_age_hours']).toBeCloseTo(14.697_507_222, 6)
  })

  it('is the same from one file an hour, but for the seed of the halves', async () => {
    expect({ ...many, folder: '', query: '' }).toEqual({ ...one, folder: '', query: '' })
    const all = 'SELECT md5(string_agg(CAST(t AS VARCHAR), chr(10))) AS digest FROM FILE AS t'
    expect(await many.query(all)).toEqual(await one.query(all))
    const valid = 'sessions_by_hour/0003/valid.parquet'
    expect(await many.query(all, valid)).not.toEqual(await one.query(all, valid))
  })
})
