import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { temporaryFolder } from '../artifact/tiny-model.test-support.ts'
import { EnsuiteError } from '../errors.ts'
import { ownStartSeconds } from '../is-alive.ts'
import { ownPlace } from '../process-mark.ts'
import { lockFolder, type FolderLock } from './lock-folder.ts'

const seams = { beatMs: 20, silentMs: 400 }
const inUse = (owner: string): EnsuiteError => new EnsuiteError('STORE_IN_USE', `open in ${owner}`)
const lock = (folder: string): Promise<FolderLock> => lockFolder(folder, { inUse, seams })

const start = Math.round(ownStartSeconds)
const elsewhere = ownPlace === '000000000000' ? '111111111111' : '000000000000'
/** The file of another writer: with a number that nobody has here, unless it is given. */
function writer(folder: string, place: string, id = 999_999_999): string {
  const path = join(folder, `writer.${id}-${start}-${place}.0123456789ab`)
  writeFileSync(path, '')
  return path
}
const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})
/** As its owner does. */
function touched(path: string): void {
  const timer = setInterval(() => {
    utimesSync(path, new Date(), new Date())
  }, seams.beatMs)
  ends.push(() => {
    clearInterval(timer)
  })
}

test('of two in one process the second is refused, until the first has let go', async () => {
  const folder = await temporaryFolder()
  const first = await lock(folder)
  await expect(lock(folder)).rejects.toThrow(`open in process ${process.pid}`)
  await first.release()
  expect(readdirSync(folder)).toEqual([])
  await (await lock(folder)).release()
})

test('a writer of another container or machine that touches its file keeps the folder, whatever number it has', async () => {
  for (const id of [999_999_999, process.pid, process.ppid]) {
    const folder = await temporaryFolder()
    const path = writer(folder, elsewhere, id)
    touched(path)
    await expect(lock(folder)).rejects.toMatchObject({
      code: 'STORE_IN_USE',
      message: `open in process ${id} of another container or machine`,
    })
    expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([path])
  }
})

test.each([
  ['gives no sign any more', 0],
  ['gave one long ago', 7200],
  ['has a clock that is ahead', -7200],
])('one that %s is taken over', async (_, secondsAgo) => {
  const folder = await temporaryFolder()
  const path = writer(folder, elsewhere)
  const at = Date.now() / 1000 - secondsAgo
  utimesSync(path, at, at)
  const began = performance.now()
  const own = await lock(folder)
  expect(performance.now() - began >= seams.silentMs).toBe(secondsAgo <= 0)
  expect(readdirSync(folder)).toHaveLength(1)
  await own.release()
})

test('one that ended here is taken over at once, also by its file of an earlier version', async () => {
  const folder = await temporaryFolder()
  writer(folder, ownPlace)
  writeFileSync(join(folder, `writer.999999999-${start}.0123456789ab`), '')
  const own = await lock(folder)
  expect(readdirSync(folder)).toHaveLength(1)
  await own.release()
})

test('who stood still and was taken over writes no more', async () => {
  const folder = await temporaryFolder()
  const own = await lock(folder)
  await own.check()
  for (const name of readdirSync(folder)) rmSync(join(folder, name))
  await expect(own.check()).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
  await own.release()
})

const namespaces = ['--pid', '--fork', '--mount-proc', '--kill-child'] as const
const hasNamespaces = spawnSync('unshare', [...namespaces, 'true']).status === 0
/** A process of another PID namespace that has the folder open, in full as it is outside tests. */
async function containerWith(folder: string): Promise<() => Promise<void>> {
  const module = fileURLToPath(new URL('lock-folder.ts', import.meta.url))
  const script = `const { createJiti } = await import('jiti')
    const { lockFolder } = await createJiti(${JSON.stringify(import.meta.url)}).import(${JSON.stringify(module)})
    await lockFolder(${JSON.stringify(folder)}, { inUse: Error })
    console.log('locked'); setInterval(() => {}, 1000)`
  const child = spawn('unshare', [...namespaces, process.execPath, '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  ends.push(() => child.kill('SIGKILL'))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return () =>
    new Promise((resolve) => {
      child.once('close', () => {
        resolve()
      })
      child.kill('SIGKILL')
    })
}

test.runIf(hasNamespaces)(
  'a real one of another PID namespace, until it is killed',
  async () => {
    const folder = await temporaryFolder()
    const kill = await containerWith(folder)
    await expect(lockFolder(folder, { inUse })).rejects.toThrow(/open in process \d+ of another container/)
    await kill()
    await (await lock(folder)).release()
    expect(readdirSync(folder)).toEqual([])
  },
  60_000,
)
