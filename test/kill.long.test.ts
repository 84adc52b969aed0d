import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readArtifact } from '../src/artifact/index.ts'
import { createRandom } from '../src/random.ts'
import { ensuite, plantedLog } from './cli/run.ts'

const KILLS = 20
const folder = mkdtempSync(join(tmpdir(), 'ensuite-kill-'))
const events = join(folder, 'clicks.csv')
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const command = (out: string): readonly string[] => [
  'train', events, '--session', 'session', '--item', 'item', '--categorical', 'colour', '--width', '32', '--layers', '2', '--heads', '2',
  '--max-length', '20', '--batch-size', '16', '--epochs', '6', '-k', '5', '--checkpoint-seconds', '0', '--out', out,
] // prettier-ignore

beforeAll(() => writeFileSync(events, plantedLog({ sessions: 600, length: 18, items: 60 })))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Starts a run and kills it after so many milliseconds; resolves to whether it had ended by itself. */
function runAndKill(args: readonly string[], afterMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: 'ignore' })
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      expect(signal === 'SIGKILL' || code === 0).toBe(true)
      resolve(signal === null)
    })
  })
}

const losses = (out: string): readonly unknown[] =>
  readFileSync(join(out, 'history.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { seconds: _, validationSeconds: __, ...rest } = JSON.parse(line) as Record<string, unknown>
      return rest
    })

it(`a run killed ${KILLS} times and resumed ends as an undisturbed one`, async () => {
  const calm = join(folder, 'calm')
  const started = performance.now()
  expect((await ensuite(command(calm))).code).toBe(0)
  const whole = performance.now() - started

  const random = createRandom(11)
  let kills = 0
  for (let run = 0; kills < KILLS; run++) {
    const out = join(folder, `killed-${run}`)
    for (let ended = false; !ended;) {
      // From the start of the process to a little after its end, so that saving is hit as well: what is killed then has nothing to go on from.
      ended = await runAndKill([...command(out), '--resume', '--overwrite'], random.uniform() * whole * 1.1)
      if (!ended) kills++
      if (existsSync(out)) await readArtifact(out) // throws unless it is whole
    }
    expect(losses(out)).toEqual(losses(calm))
    expect(
      readFileSync(join(out, 'weights.safetensors')).equals(readFileSync(join(calm, 'weights.safetensors'))),
    ).toBe(true)
    expect(existsSync(`${out}.training`)).toBe(false)
  }
  expect(kills).toBeGreaterThanOrEqual(KILLS)
})
