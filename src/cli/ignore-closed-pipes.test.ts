import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const path = (from: string): string => fileURLToPath(new URL(from, import.meta.url))

test.each([
  ['standard output', ['train', '--help'], 'stdout', 0],
  ['standard error', ['train', '--nonsense'], 'stderr', 2],
] as const)(
  'a reader that closes %s ends nothing and is told nothing',
  async (_, args, closed, code) => {
    // The sources are TypeScript, which Node 20 does not read.
    const child = spawn(
      process.execPath,
      [path('../../node_modules/jiti/lib/jiti-cli.mjs'), path('main.ts'), ...args],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    child[closed].destroy()
    const other = closed === 'stdout' ? child.stderr : child.stdout
    let said = ''
    other.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const ended = await new Promise((resolve) => child.once('close', resolve))
    expect([ended, said]).toEqual([code, ''])
  },
  60_000,
)
