import { spawnSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { ownStartSeconds } from '../is-alive.ts'
import { processStat } from '../process-stat.ts'
import { inWritingFolder } from './writing-folder.ts'

const root = mkdtempSync(join(tmpdir(), 'ensuite-writing-'))
afterAll(() => rmSync(root, { recursive: true }))
const folder = join(root, 'place')
const out = join(folder, 'out')
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
})

const filled =
  (name: string) =>
  (place: string): Promise<string> => {
    writeFileSync(join(place, 'prepared.json'), name)
    return Promise.resolve(name)
  }
const own = Math.round(ownStartSeconds)
const parent = Math.round(processStat(process.ppid)?.startSeconds ?? own)
const dead = spawnSync(process.execPath, ['-e', '']).pid
const writer = (process: number, started: number | string, end = ''): string => {
  const name = `.out.${process}-${started}.0123456789ab${end}`
  mkdirSync(join(folder, name))
  writeFileSync(join(folder, name, 'prepared.json'), 'left over')
  return name
}

test('fills, places and replaces, and leaves nothing beside', async () => {
  expect(await inWritingFolder(out, filled('one'))).toBe('one')
  await inWritingFolder(out, filled('two'))
  expect(readdirSync(folder)).toEqual(['out'])
  await expect(inWritingFolder(out, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(readdirSync(folder)).toEqual(['out'])
})

test('what dead runs left is removed, also one that had the number of this process', async () => {
  writer(dead, own)
  writer(dead, own - 5, '.old')
  writer(process.pid, own - 60)
  const strange = ['.out.backup', `.other.${dead}-1.0123456789ab`]
  for (const name of strange) mkdirSync(join(folder, name))
  await inWritingFolder(out, filled('one'))
  expect(readdirSync(folder).sort()).toEqual([...strange, 'out'].sort())
})

test('the folder that a dead run had moved aside is put back, also where this run fails', async () => {
  writer(dead, own, '.old')
  await expect(inWritingFolder(out, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(readdirSync(folder)).toEqual(['out'])
  expect(readdirSync(out)).toEqual(['prepared.json'])
})

test.each([
  ['in another process', process.ppid, parent],
  ['in this one', process.pid, own],
])('a second run while one goes on %s is refused', async (_, id, started) => {
  const name = writer(id, started)
  await expect(inWritingFolder(out, filled('two'))).rejects.toMatchObject({
    code: 'FILE_UNWRITABLE',
    message: expect.stringContaining(`process ${id}`) as string,
  })
  expect(readdirSync(folder)).toEqual([name])
})

test('a second run is refused while one of another container touches its folder, whatever its number is here', async () => {
  const name = writer(dead, `${own}-000000000000`)
  const timer = setInterval(() => {
    utimesSync(join(folder, name), new Date(), new Date())
  }, 100)
  try {
    await expect(inWritingFolder(out, filled('two'))).rejects.toMatchObject({
      code: 'FILE_UNWRITABLE',
      message: expect.stringContaining(`process ${dead} of another container or machine`) as string,
    })
    expect(readdirSync(folder)).toEqual([name])
  } finally {
    clearInterval(timer)
  }
})

test('two at once in one process: the second is refused, the first goes on', async () => {
  await inWritingFolder(out, async (place) => {
    await expect(inWritingFolder(out, filled('two'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
    return filled('one')(place)
  })
  expect(readdirSync(folder)).toEqual(['out'])
})

test('what came to the place meanwhile stays', async () => {
  const writing = inWritingFolder(out, async (place) => {
    mkdirSync(out)
    writeFileSync(join(out, 'thesis.txt'), 'years of work')
    return filled('one')(place)
  })
  await expect(writing).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
  expect(readdirSync(out)).toEqual(['thesis.txt'])
})

test.each([
  ['a folder', true],
  ['nothing yet', false],
])('a link to %s is followed', async (_, exists) => {
  const target = join(folder, 'disk', 'target')
  mkdirSync(join(folder, 'disk'))
  if (exists) mkdirSync(target)
  symlinkSync(join('disk', 'target'), out)
  await inWritingFolder(out, filled('one'))
  await inWritingFolder(out, filled('two'))
  expect(lstatSync(out).isSymbolicLink()).toBe(true)
  expect(readdirSync(target)).toEqual(['prepared.json'])
  expect(readdirSync(join(folder, 'disk'))).toEqual(['target'])
})

test('refused: links in a circle, a file, a place below a file, a file system that takes nothing', async () => {
  symlinkSync('b', join(folder, 'a'))
  symlinkSync('a', join(folder, 'b'))
  writeFileSync(join(folder, 'file'), '')
  const places = [join(folder, 'a'), join(folder, 'file'), join(folder, 'file', 'out'), '/proc/out']
  for (const place of places)
    await expect(inWritingFolder(place, filled('one')), place).rejects.toMatchObject({
      code: 'FILE_UNWRITABLE',
    })
})
