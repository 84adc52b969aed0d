import { createHash } from 'node:crypto'
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { prepare } from './prepare.ts'
import { openPrepared } from './prepared-sessions.ts'
import { isPreparedFolder } from './read-manifest.ts'
import { workflow as createWorkflow } from './workflow.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-damage-'))
afterAll(() => rmSync(folder, { recursive: true }))
const [whole, other, place] = [join(folder, 'whole'), join(folder, 'other'), join(folder, 'place')]
const day = (number: number, part = 'train'): string => `sessions_by_day/${number}/${part}.parquet`

/** Two logs whose workflows have the same size. */
const log = (name: string, swap: string, step: number): { readonly path: string } => {
  const lines = Array.from({ length: 240 }, (_, at) => {
    const time = new Date(Date.UTC(2024, 0, 1 + (Math.floor(at / 4) % 3), 1, at % 4)).toISOString()
    return `s${Math.floor(at / 4)},${at % 7 === 3 ? swap : `i${(at * 7 + step * Math.floor(at / 9)) % 5}`},${time}`
  })
  const path = join(folder, name)
  writeFileSync(path, `session,item,time\n${lines.join('\n')}\n`)
  return { path }
}

beforeAll(async () => {
  const workflow = createWorkflow({ session: 'session', item: 'item', time: 'time' })
  const split = { every: 'day' } as const
  await prepare(workflow, log('one.csv', 'x', 0), { out: whole, split })
  await prepare(workflow, log('two.csv', 'y', 1), { out: other, split })
})
beforeEach(() => {
  rmSync(place, { recursive: true, force: true })
  cpSync(whole, place, { recursive: true })
})

const from = (source: string, path: string): void =>
  cpSync(join(source, path), join(place, path), { recursive: true })
const remove = (path: string): void => rmSync(join(place, path), { recursive: true })
const flip = (path: string): void => {
  const bytes = readFileSync(join(place, path))
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(join(place, path), bytes)
}
type Json = Record<string, unknown> & { files: Record<string, unknown>[] }
/** Another prepared.json; `sign` makes its digest right again, as whoever wants to mislead would. */
const edit = (change: (manifest: Json) => void, sign = true): void => {
  const path = join(place, 'prepared.json')
  const { digest, ...manifest } = JSON.parse(readFileSync(path, 'utf8')) as Json & { digest: string }
  change(manifest)
  const own = sign ? createHash('sha256').update(JSON.stringify(manifest)).digest('hex') : digest
  writeFileSync(path, JSON.stringify({ ...manifest, digest: own }))
}
const named = (path: string) => (manifest: Json) => {
  manifest.files.at(-1)!['path'] = path
}
const readAll = async (): Promise<unknown> => {
  const prepared = await openPrepared(place)
  await prepared.fitted()
  return prepared.sessions()
}

test('a whole folder is read, also once it was moved or its manifest spelled anew', async () => {
  edit(() => undefined)
  await expect(readAll()).resolves.toMatchObject({ count: 60 })
})

describe('a damage is told: ', () => {
  test.each<readonly [string, () => void, string, string]>([
    [
      'a file is removed',
      () => remove(day(2)),
      'ARTIFACT_INVALID',
      `${day(2)} is not what prepare wrote: it is missing`,
    ],
    ['a day is removed', () => remove('sessions_by_day/3'), 'ARTIFACT_INVALID', 'sessions_by_day/3/'],
    [
      'a file is cut off',
      () => writeFileSync(join(place, day(1)), 'PAR1'),
      'ARTIFACT_INVALID',
      `${day(1)} is not what prepare wrote: it has 4 bytes`,
    ],
    [
      'a bit is changed',
      () => flip(day(1, 'valid')),
      'ARTIFACT_INVALID',
      `${day(1, 'valid')} is not what prepare wrote: its content`,
    ],
    [
      'two files are exchanged',
      () => {
        renameSync(join(place, day(1)), join(place, 'kept'))
        renameSync(join(place, day(2)), join(place, day(1)))
        renameSync(join(place, 'kept'), join(place, day(2)))
      },
      'ARTIFACT_INVALID',
      'is not what prepare wrote',
    ],
    [
      'another workflow',
      () => from(other, 'workflow.json'),
      'ARTIFACT_INVALID',
      'workflow.json is not what prepare wrote: its content',
    ],
    [
      'a changed workflow',
      () => flip('workflow.json'),
      'ARTIFACT_INVALID',
      'workflow.json is not what prepare wrote: its content',
    ],
    [
      'no workflow',
      () => remove('workflow.json'),
      'ARTIFACT_INVALID',
      'workflow.json is not what prepare wrote: it is missing',
    ],
    ['no schema', () => remove('schema.pbtxt'), 'ARTIFACT_INVALID', 'schema.pbtxt'],
    ...['schema.pbtxt', '.merlin/schema.json'].map(
      (path) =>
        [
          `a changed ${path}`,
          () => flip(path),
          'ARTIFACT_INVALID',
          `${path} is not what prepare wrote: its content`,
        ] as const,
    ),
    [
      'a folder for a file',
      () => {
        remove(day(1))
        from(whole, 'sessions_by_day')
        remove(day(1))
        cpSync(join(whole, '.merlin'), join(place, day(1)), { recursive: true })
      },
      'ARTIFACT_INVALID',
      'no plain file',
    ],
    ['no manifest', () => remove('prepared.json'), 'ARTIFACT_INVALID', 'but no prepared.json'],
    ['nothing at all', () => rmSync(place, { recursive: true }), 'FILE_NOT_FOUND', 'holds no prepared.json'],
    [
      'a link to nowhere',
      () => {
        remove(day(1))
        symlinkSync('nowhere', join(place, day(1)))
      },
      'ARTIFACT_INVALID',
      'it is missing',
    ],
    ['another manifest', () => from(other, 'prepared.json'), 'ARTIFACT_INVALID', 'is not what prepare wrote'],
    [
      'a changed manifest',
      () => edit((manifest) => void (manifest['sessions'] = 61), false),
      'ARTIFACT_INVALID',
      'prepared.json is not what prepare wrote: it was changed',
    ],
    [
      'a manifest of no JSON',
      () => writeFileSync(join(place, 'prepared.json'), '{'),
      'ARTIFACT_INVALID',
      'prepared.json',
    ],
    [
      'a manifest of null',
      () => writeFileSync(join(place, 'prepared.json'), 'null'),
      'ARTIFACT_INVALID',
      'prepared.json',
    ],
    [
      'a newer version',
      () => edit((manifest) => void (manifest['version'] = 3)),
      'ARTIFACT_TOO_NEW',
      'Update the package',
    ],
    [
      'an older version',
      () => edit((manifest) => void (manifest['version'] = 1)),
      'ARTIFACT_INVALID',
      'prepare it again',
    ],
    [
      'a path from the root',
      () => edit(named('/etc/passwd')),
      'PATH_ESCAPES',
      "'/etc/passwd', which is outside",
    ],
    ['a path of a drive', () => edit(named('C:\\train.parquet')), 'PATH_ESCAPES', 'outside'],
    ['a path above', () => edit(named('sessions_by_day/../../train.parquet')), 'PATH_ESCAPES', 'outside'],
    ['a path above, the other way', () => edit(named('..\\train.parquet')), 'PATH_ESCAPES', 'outside'],
    ['a path of something else', () => edit(named('thesis.parquet')), 'ARTIFACT_INVALID', "'thesis.parquet'"],
    [
      'a path that is none',
      () => edit((manifest) => void (manifest.files.at(-1)!['path'] = {})),
      'ARTIFACT_INVALID',
      'prepared.json',
    ],
    [
      'the part of another file',
      () => edit((manifest) => void (manifest.files.at(-1)!['part'] = 'train')),
      'ARTIFACT_INVALID',
      'does not write so',
    ],
    [
      'a file listed twice',
      () => edit((manifest) => void manifest.files.push(manifest.files.at(-1)!)),
      'ARTIFACT_INVALID',
      'twice',
    ],
    [
      'a day left out of the list of files, unsigned',
      () => edit((manifest) => void manifest.files.pop(), false),
      'ARTIFACT_INVALID',
      'changed',
    ],
    [
      'no sessions listed',
      () => edit((manifest) => void (manifest.files.length = 3)),
      'ARTIFACT_INVALID',
      'no sessions',
    ],
    [
      'no list',
      () => edit((manifest) => void (manifest.files = {} as never)),
      'ARTIFACT_INVALID',
      'no files',
    ],
    [
      'a workflow not listed',
      () => edit((manifest) => void manifest.files.shift()),
      'ARTIFACT_INVALID',
      'workflow.json',
    ],
    [
      'a size that is none',
      () => edit((manifest) => void (manifest.files.at(-1)!['bytes'] = -1)),
      'ARTIFACT_INVALID',
      'bytes',
    ],
    [
      'a definition that is none',
      () => edit((manifest) => void (manifest['definition'] = 7)),
      'ARTIFACT_INVALID',
      'workflow',
    ],
    [
      'a definition that is not the workflow',
      () => edit((manifest) => delete (manifest['definition'] as Json)['time']),
      'ARTIFACT_INVALID',
      'defines other features',
    ],
    [
      'a schema that is none',
      () => edit((manifest) => void (manifest['schema'] = { items: 3, categorical: null, continuous: [] })),
      'ARTIFACT_INVALID',
      'schema',
    ],
  ])('%s', async (_, damage, code, part) => {
    damage()
    await expect(readAll()).rejects.toMatchObject({ code, message: expect.stringContaining(part) as string })
    await expect(readAll()).rejects.toThrow(/again|first|package\.$/)
  })
})

test('a folder without its manifest is still one, raw events beside a config are none', async () => {
  expect(await isPreparedFolder(place)).toBe(true)
  remove('prepared.json')
  expect(await isPreparedFolder(place)).toBe(true)
  remove('workflow.json')
  expect(await isPreparedFolder(place)).toBe(false)
  writeFileSync(join(folder, 'workflow.json'), '{}')
  expect(await isPreparedFolder(folder)).toBe(false)
  expect(await isPreparedFolder(join(folder, 'one.csv'))).toBe(false)
})

describe('what changes after opening', () => {
  test.each<readonly [string, () => void, string]>([
    [
      'a file is exchanged for one of the same size and time',
      () => {
        const { atime, mtime } = statSync(join(place, day(1)))
        flip(day(1))
        utimesSync(join(place, day(1)), atime, mtime)
      },
      'ARTIFACT_INVALID',
    ],
    [
      'the folder is exchanged',
      () => {
        rmSync(place, { recursive: true })
        cpSync(other, place, { recursive: true })
      },
      'ARTIFACT_INVALID',
    ],
    ['the folder is removed', () => rmSync(place, { recursive: true }), 'FILE_NOT_FOUND'],
  ])('%s: the next reading says so', async (_, damage, code) => {
    const prepared = await openPrepared(place)
    const source = await prepared.source({ part: 'train' })
    await source.read([0])
    damage()
    await expect(source.read([0])).rejects.toMatchObject({ code })
    await expect(prepared.sessions({ part: 'train' })).rejects.toMatchObject({ code })
    await expect(prepared.fitted().then(() => prepared.sessions({ part: 'train' }))).rejects.toMatchObject({
      code,
    })
  })

  test('the same files again, written anew, are read on', async () => {
    const prepared = await openPrepared(place)
    const source = await prepared.source()
    const before = await source.read([0, 1])
    rmSync(place, { recursive: true })
    cpSync(whole, place, { recursive: true })
    expect(await source.read([0, 1])).toEqual(before)
  })

  test('only what is read is held against its digest', async () => {
    flip(day(3))
    const prepared = await openPrepared(place)
    await expect(prepared.sessions({ windows: [1, 2] })).resolves.toMatchObject({ count: 40 })
    await expect(prepared.sessions({ windows: [3, 3] })).rejects.toMatchObject({ code: 'ARTIFACT_INVALID' })
  })
})
