import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built command line, as a user would. Needs `npm run build`. */
export function ensuite(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<Ran> {
  if (!existsSync(main)) throw new Error('dist is missing: run `npm run build` before these tests')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { cwd: options.cwd ?? root })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** A small log in which each item is followed by the next one, so that a model can learn it: `sessions` of `length` events. */
export function plantedLog(options: {
  readonly sessions: number
  readonly length: number
  readonly items: number
}): string {
  const { sessions, length, items } = options
  const rows = Array.from({ length: sessions }, (_, session) =>
    Array.from(
      { length },
      (_, event) =>
        `s${session},i${(session * 7 + event) % items},${1_700_000_000 + session * 1000 + event},${['red', 'blue'][session % 2]!}`,
    ),
  ).flat()
  return `session,item,time,colour\n${rows.join('\n')}\n`
}
