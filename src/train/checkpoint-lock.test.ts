import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { ownStartSeconds } from '../is-alive.ts'
import { ownPlace } from '../process-mark.ts'
import { processStat } from '../process-stat.ts'
import { withCheckpointLock } from './checkpoint-lock.ts'
import { hasCheckpoint, removeCheckpoint } from './checkpoint.ts'
import { train } from './train.ts'
import { randomSessions, sessionsOf, tinyModel } from './tiny-model.test-support.ts'

const root = mkdtempSync(join(tmpdir(), 'ensuite-lock-'))
afterAll(() => rmSync(root, { recursive: true }))
const folder = join(root, 'above', 'out.training')
beforeEach(() => rmSync(join(root, 'above'), { recursive: true, force: true }))

const own = Math.round(ownStartSeconds)
const dead = spawnSync(process.execPath, ['-e', '']).pid
/** The lock of another run. */
const lockOf = (process: number, started: number | string): string => {
  const name = `run.${process}-${started}.0123456789ab.lock`
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), '')
  return name
}
const nothing = (): Promise<string> => Promise.resolve('done')
const refused = (id: number): object => ({
  code: 'CHECKPOINT_EXISTS',
  message: expect.stringMatching(
    new RegExp(`wait for the other run \\(process ${id}\\), or choose another folder`),
  ) as string,
})

test('the lock is there inside, and nothing after it, also on failure', async () => {
  const inside = await withCheckpointLock(folder, () => Promise.resolve(readdirSync(folder)))
  expect(inside).toEqual([
    expect.stringMatching(new RegExp(`^run\\.${process.pid}-${own}-${ownPlace}\\.\\w+\\.lock$`)),
  ])
  await expect(withCheckpointLock(folder, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(existsSync(join(root, 'above'))).toBe(false)
})

test('the checkpoint outlives the lock, is seen inside it, and is removed beside it', async () => {
  await withCheckpointLock(folder, async () => {
    writeFileSync(join(folder, 'checkpoint.safetensors'), '')
    await Promise.resolve()
  })
  expect(readdirSync(folder)).toEqual(['checkpoint.safetensors'])
  writeFileSync(join(folder, 'checkpoint.safetensors.0123.partial'), '')
  writeFileSync(join(folder, 'other.partial'), '')
  await withCheckpointLock(folder, async () => {
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual(['other.partial'])
    rmSync(join(folder, 'other.partial'))
    writeFileSync(join(folder, 'checkpoint.safetensors.0123.partial'), '')
    expect(await hasCheckpoint(folder)).toBe(true)
    await removeCheckpoint(folder)
    expect(readdirSync(folder)).toHaveLength(1)
    await expect(withCheckpointLock(folder, nothing)).rejects.toMatchObject(refused(process.pid))
  })
  expect(existsSync(folder)).toBe(false)
})

test('what else is in the folder stays', async () => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'notes.txt'), '')
  await withCheckpointLock(folder, () => removeCheckpoint(folder))
  expect(readdirSync(folder)).toEqual(['notes.txt'])
})

test.each([
  ['another process', process.ppid, Math.round(processStat(process.ppid)?.startSeconds ?? own)],
  ['this one', process.pid, own],
])('a second run while one goes on in %s is refused, and leaves its lock', async (_, id, started) => {
  const name = lockOf(id, started)
  await expect(withCheckpointLock(folder, nothing)).rejects.toMatchObject(refused(id))
  expect(readdirSync(folder)).toEqual([name])
})

test('a second run is refused while one of another container touches its lock, whatever its number is here', async () => {
  const name = lockOf(dead, `${own}-000000000000`)
  const timer = setInterval(() => {
    utimesSync(join(folder, name), new Date(), new Date())
  }, 100)
  try {
    await expect(withCheckpointLock(folder, nothing)).rejects.toMatchObject({
      code: 'CHECKPOINT_EXISTS',
      message: expect.stringContaining(`process ${dead} of another container or machine`) as string,
    })
    expect(readdirSync(folder)).toEqual([name])
  } finally {
    clearInterval(timer)
  }
})

test('the locks of dead runs are taken over, also that of one that had the number of this process', async () => {
  lockOf(dead, own)
  lockOf(process.pid, own - 60)
  expect(await withCheckpointLock(folder, () => Promise.resolve(readdirSync(folder).length))).toBe(1)
  expect(existsSync(folder)).toBe(false)
})

test('of many that begin at one instant exactly one goes on', async () => {
  let inside = 0
  const runs = Array.from({ length: 8 }, () =>
    withCheckpointLock(folder, async () => {
      inside++
      await new Promise((resolve) => setTimeout(resolve, 1500))
    }),
  )
  const outcomes = await Promise.allSettled(runs)
  expect(inside).toBe(1)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(existsSync(folder)).toBe(false)
})

test('the lock of a process that was killed is taken over; one that ends by itself removes its own', async () => {
  const module = fileURLToPath(new URL('checkpoint-lock.ts', import.meta.url))
  // The sources are TypeScript, which Node 20 does not read.
  const script = (end: string): string =>
    `const { createJiti } = await import('jiti');
     const { withCheckpointLock } = await createJiti(${JSON.stringify(import.meta.url)}).import(${JSON.stringify(module)});
     await withCheckpointLock(${JSON.stringify(folder)}, async () => { ${end}; setInterval(() => {}, 1000); await new Promise(() => {}) })`
  const run = (end: string): ReturnType<typeof spawn> =>
    spawn(process.execPath, ['--input-type=module', '-e', script(end)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  const ended = (child: ReturnType<typeof spawn>): Promise<unknown> =>
    new Promise((resolve) => child.once('close', resolve))

  const killed = run(`console.log('inside')`)
  await new Promise((resolve) => killed.stdout!.once('data', resolve))
  await expect(withCheckpointLock(folder, nothing)).rejects.toMatchObject(refused(killed.pid!))
  killed.kill('SIGKILL')
  await ended(killed)
  expect(readdirSync(folder)).toHaveLength(1)
  expect(await withCheckpointLock(folder, nothing)).toBe('done')

  expect(await ended(run('process.exit(3)'))).toBe(3)
  expect(existsSync(folder)).toBe(false)
})

test('a folder that cannot be made is refused', async () => {
  mkdirSync(join(root, 'above'))
  writeFileSync(folder, '')
  await expect(withCheckpointLock(folder, nothing)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
  await expect(withCheckpointLock('/proc/out', nothing)).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' })
})

test('train: the second of two at once is refused, the first ends as one alone', async () => {
  const [model, sessions] = [tinyModel(), sessionsOf(randomSessions(60, 3))]
  const options = { epochs: 2, batchSize: 24 }
  const alone = await train(model, sessions, options)
  let second: Promise<unknown> | undefined
  const first = await train(model, sessions, {
    ...options,
    checkpoint: { folder, everySeconds: 0 },
    callbacks: [
      {
        onEpoch: async () => {
          second ??= train(model, sessions, { ...options, checkpoint: { folder, resume: true } })
          await expect(second).rejects.toMatchObject(refused(process.pid))
        },
      },
    ],
  })
  expect(second).toBeDefined()
  expect(first.weights).toEqual(alone.weights)
  expect(readdirSync(folder)).toEqual(['checkpoint.safetensors'])
})
