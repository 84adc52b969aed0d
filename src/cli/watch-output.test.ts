import { spawn } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const path = (from: string): string => fileURLToPath(new URL(from, import.meta.url))

type Stdio = 'pipe' | number

// The sources are TypeScript, which Node 20 does not read.
const started = (args: readonly string[], stdout: Stdio = 'pipe', stderr: Stdio = 'pipe') =>
  spawn(process.execPath, [path('../../node_modules/jiti/lib/jiti-cli.mjs'), path('main.ts'), ...args], {
    stdio: ['ignore', stdout, stderr],
  })

test.each([
  ['standard output', ['train', '--help'], 'stdout', 0],
  ['standard error', ['train', '--nonsense'], 'stderr', 2],
] as const)(
  'a reader that closes %s ends nothing and is told nothing',
  async (_, args, closed, code) => {
    const child = started(args)
    child[closed]!.destroy()
    const other = closed === 'stdout' ? child.stderr : child.stdout
    let said = ''
    other!.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const ended = await new Promise((resolve) => child.once('close', resolve))
    expect([ended, said]).toEqual([code, ''])
  },
  60_000,
)

test.skipIf(!existsSync('/dev/full')).each([
  ['result', ['blocks', '--json']],
  ['help', ['train', '--help']],
])(
  'a %s that standard output has no room for is an error with a code',
  async (_, args) => {
    const child = started(args, openSync('/dev/full', 'w'))
    let said = ''
    child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const ended = await new Promise((resolve) => child.once('close', resolve))
    expect(said).toMatch(/^error \[FILE_UNWRITABLE\]: Standard output cannot be written: ENOSPC.*\n$/)
    expect(ended).toBe(1)
  },
  60_000,
)

test.skipIf(!existsSync('/dev/full'))(
  'messages that standard error has no room for change no exit code',
  async () => {
    const child = started(['train', '--nonsense'], 'pipe', openSync('/dev/full', 'w'))
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(2)
  },
  60_000,
)
