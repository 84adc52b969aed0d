import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Throws unless the command line was built after the last change of its sources: an old one would pass or fail for what is no longer there. */
function checkBuilt(): void {
  const build = 'run `npm run build` before these tests'
  if (!existsSync(main)) throw new Error(`dist is missing: ${build}`)
  const { mtimeMs: built } = statSync(main)
  const sources = join(root, 'src')
  const newer = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.test(-support)?\.ts$/.test(path))
    .find((path) => statSync(join(sources, path)).mtimeMs > built)
  if (newer !== undefined) throw new Error(`dist is older than src/${newer}: ${build}`)
}
let isBuilt = false

/** Runs the built command line, as a user would. Needs `npm run build`. */
export function ensuite(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<Ran> {
  if (!isBuilt) checkBuilt()
  isBuilt = true
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
