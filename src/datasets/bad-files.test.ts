import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import type { ErrorCode } from '../errors.ts'
import { temporaryFolder } from '../events/test-files.test-support.ts'
import { checkOutput } from './check-output.ts'
import { findSource } from './find-source.ts'
import { prepareFrom } from './prepared.test-support.ts'
import { datasetNamed } from './registry.ts'

const folder = temporaryFolder()
const header = 'timestamp,visitorid,event,itemid,transactionid'
const ratings = Array.from(
  { length: 5000 },
  (_, at) => `${at % 50}\t${at % 97}\t4\t${881_250_949 + at}\n`,
).join('')
folder.write('a-file.zip', 'PK')
folder.write('empty-folder/readme.txt', 'nothing')
folder.write('packed/ml-1m.zip', 'PK')
folder.write('wrong-columns/events.csv', 'time,visitor,event,item\n1,2,view,3\n')
folder.write('no-rows/events.csv', `${header}\n`)
folder.write('empty/events.csv', '')
folder.write('bad-time/events.csv', `${header}\n1433221332117,v,view,1,\nyesterday,v,view,2,\n`)
folder.write('no-time/events.csv', `${header}\n1433221332117,v,view,1,\n,v,view,2,\n`)
folder.write('no-item/events.csv', `${header}\n1433221332117,v,view,1,\n1433221332117,v,view,,\n1,v,view,,\n`)
folder.write('no-session/events.csv', `${header}\n1433221332117,,view,1,\n`)
folder.write('nothing-left/events.csv', `${header}\n1433221332117,v,view,1,\n`)
folder.write('bad-rating/u.data', '1\t1\t4\t881250949\n1\t2\tfour\t881250950\n')
folder.write('half-rating/u.data', '1\t1\t4.5\t881250949\n')
folder.write('cut-off/u.data.gz', gzipSync(ratings).subarray(0, 9000))
folder.write('no-gzip/u.data.gz', Buffer.from('1\t1\t4\t881250949\n'))
folder.write('binary/u.data', Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0]))
folder.write('not-python/steam_reviews.json', '[1, 2]\n')
folder.write(
  'too-few/clicks.csv',
  'hour_index,user_id,session_id,session_start,session_size,click_article_id,click_timestamp,click_environment,click_deviceGroup,click_os,click_country,click_region,click_referrer_type\n0,0,1,1506825423000,2,157541,1506826828020,4,3,20,1,20,2\n',
)
folder.write(
  'too-few/articles_metadata.csv',
  'article_id,category_id,created_at_ts,publisher_id,words_count\n157541,281,1506797053000,0,1\n',
)
folder.write('no-metadata/clicks.csv', 'a,b\n1,2\n')

describe('bad files', () => {
  it.each<[place: string, name: string, code: ErrorCode, says: RegExp]>([
    ['nowhere', 'g1', 'FILE_NOT_FOUND', /nowhere.*--from/],
    ['a-file.zip', 'ml-1m', 'FILE_NOT_FOUND', /is a file.*unpacked/],
    ['empty-folder', 'retailrocket', 'FILE_NOT_FOUND', /events\.csv .*retailrocket/],
    ['packed', 'ml-1m', 'FILE_NOT_FOUND', /ratings\.dat.*ml-1m\.zip is there: unpack it/],
    ['no-metadata', 'g1', 'FILE_NOT_FOUND', /clicks\.csv and articles_metadata\.csv/],
    ['wrong-columns', 'retailrocket', 'COLUMN_MISSING', /'timestamp'.*Columns: time, visitor, event, item/],
    ['no-rows', 'retailrocket', 'EVENTS_EMPTY', /no row/],
    ['empty', 'retailrocket', 'EVENTS_EMPTY', /empty/],
    [
      'bad-time',
      'retailrocket',
      'COLUMN_INVALID',
      /'timestamp' expects milliseconds, received 'yesterday' \(row 2 of/,
    ],
    ['no-time', 'retailrocket', 'COLUMN_INVALID', /time column has no value \(row 2/],
    ['no-item', 'retailrocket', 'COLUMN_INVALID', /item column has no value \(row 2 of .*, and 1 more\)/],
    ['no-session', 'retailrocket', 'COLUMN_INVALID', /session column has no value/],
    ['nothing-left', 'retailrocket', 'EVENTS_EMPTY', /minimum-counts/],
    ['bad-rating', 'ml-100k', 'COLUMN_INVALID', /'rating' expects whole numbers, received 'four' \(row 2/],
    ['half-rating', 'ml-100k', 'COLUMN_INVALID', /received '4\.5'/],
    ['cut-off', 'ml-100k', 'FILE_UNREADABLE', /cut off/],
    ['no-gzip', 'ml-100k', 'FILE_UNREADABLE', /u\.data\.gz/],
    ['binary', 'ml-100k', 'FILE_UNREADABLE', /binary/],
    ['not-python', 'steam', 'FILE_UNREADABLE', /dictionary/],
    ['too-few', 'g1', 'EVENTS_EMPTY', /No hour has 100 sessions/],
  ])('%s → %s', async (place, name, code, says) => {
    const failed = prepareFrom(name, folder.path(place))
    await expect(failed).rejects.toMatchObject({ code, message: expect.stringMatching(says) as string })
  })

  it('finds plain and packed files, and prefers the plain one', async () => {
    folder.write('both/u.data', ratings)
    folder.write('both/u.data.gz', ratings)
    const { files, missing } = await findSource(datasetNamed('ml-100k'), folder.path('both'))
    expect(files).toEqual([folder.path('both/u.data')])
    expect(missing).toEqual(['u.item'])
  })
})

describe('the output path', () => {
  const place = mkdtempSync(join(tmpdir(), 'ensuite-output-'))
  afterAll(() => rmSync(place, { recursive: true }))

  it('may be nothing, empty, or what was made here', async () => {
    await expect(checkOutput(join(place, 'new'))).resolves.toBeUndefined()
    mkdirSync(join(place, 'empty'))
    await expect(checkOutput(join(place, 'empty'))).resolves.toBeUndefined()
    const { folder: made } = await prepareFrom('ml-100k', folder.path('both'))
    expect(readdirSync(made).sort()).toEqual(['dataset.json', 'events.parquet'])
    await expect(checkOutput(made)).resolves.toBeUndefined()
  })

  it.each([
    ['both', /holds 'u\.data'/],
    ['both/u.data', /is no folder/],
    ['other', /holds no dataset\.json of this program/],
    ['broken', /holds no dataset\.json of this program/],
  ])('%s is not replaced', async (name, says) => {
    folder.write('other/events.parquet', 'mine')
    folder.write('broken/dataset.json', '{"format":"other"}')
    await expect(checkOutput(folder.path(name))).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
      message: expect.stringMatching(says) as string,
    })
  })
})
