import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { isAlive, ownStartSeconds } from './is-alive.ts'
import { parseProcessStat, processStat } from './process-stat.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
/** A process, and the first line that it prints. */
function started(command: string, args: readonly string[]): Promise<{ id: number; line: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.stdout.once('data', (chunk: Buffer) => {
      resolve({ id: child.pid!, line: chunk.toString().trim() })
    })
  })
}
const linux = existsSync('/proc/self/stat')

test('a process that goes on lives, one that has ended does not, nor does a number that none can have', () => {
  expect(isAlive(process.pid)).toBe(true)
  expect(isAlive(process.ppid)).toBe(true)
  expect(isAlive(spawnSync(process.execPath, ['-e', '']).pid)).toBe(false)
  expect(isAlive(9_999_999_999)).toBe(false)
})

test('this process is the one that started when it did, and no other one of its number', () => {
  expect(isAlive(process.pid, ownStartSeconds)).toBe(true)
  expect(isAlive(process.pid, Math.round(ownStartSeconds) - 1)).toBe(true)
  expect(isAlive(process.pid, ownStartSeconds - 10)).toBe(false)
  expect(isAlive(process.pid, ownStartSeconds + 10)).toBe(false)
})

describe.runIf(linux)('where the system says more', () => {
  test('a process that started at another time is another one', async () => {
    const { id } = await started(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'])
    const now = Date.now() / 1000
    expect(Math.abs(processStat(id)!.startSeconds! - now)).toBeLessThan(30)
    expect(isAlive(id, processStat(id)!.startSeconds)).toBe(true)
    expect(isAlive(id, now - 3600)).toBe(false)
    expect(isAlive(id)).toBe(true)
  })

  test('a zombie is dead', async () => {
    // A shell that becomes `sleep` has a child that nobody asks for its end.
    const { line } = await started('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'])
    const zombie = Number(line)
    expect(isAlive(zombie)).toBe(true)
    await expect.poll(() => processStat(zombie)?.state, { timeout: 10_000 }).toBe('Z')
    expect(() => process.kill(zombie, 0)).not.toThrow()
    expect(isAlive(zombie)).toBe(false)
  })
})

describe('what is read of a process', () => {
  const rest = '1 2 3 0 -1 4194304 98 0 0 0 0 0 0 0 20 0 1 0 186528 3133440 382 0'
  const system = 'cpu  1 2 3\nctxt 5\nbtime 1700000000\nprocesses 9\n'

  test.each(['node', 'tmux: server', '(sd-pam)', 'a) Z 1 (b', 'two\nlines', ')', ''])(
    'of the command "%s"',
    (command) => {
      expect(parseProcessStat(`77 (${command}) S ${rest}\n`, system)).toEqual({
        state: 'S',
        startSeconds: 1700001865.28,
      })
    },
  )

  test.each([
    ['no time of the start of the machine', `77 (node) Z ${rest}`, 'cpu 1'],
    ['no start', '77 (node) Z 1 2 3', system],
    ['a start of 0', `77 (node) Z ${rest.replace('186528', '0')}`, system],
  ])('with %s the state is known alone', (_, stat, texts) => {
    expect(parseProcessStat(stat, texts)).toEqual({ state: 'Z', startSeconds: undefined })
  })

  test.each(['', '77', '77 (node)', '77 (node) 12 13', 'no such thing'])('nothing of "%s"', (stat) => {
    expect(parseProcessStat(stat, system)).toBeUndefined()
  })
})
