import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { main, plantedLog } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-interrupted-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const events = join(folder, 'clicks.csv')
writeFileSync(events, plantedLog({ sessions: 100_000, length: 10, items: 500 }))
const config = join(folder, 'workflow.json')
const column = { op: 'column', inputs: [], options: { name: 'colour', type: 'text' } }
writeFileSync(config, JSON.stringify({ session: 'session', time: 'time', steps: [], features: { column } }))

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'prepare that is ended by %s leaves nothing beside its folder, says so, and exits with %d',
  async (signal, code) => {
    const args = ['prepare', events, '--config', config, '--memory', '0.1', '--out', join(folder, 'out')]
    const child = spawn(process.execPath, [main, ...args])
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const ended = new Promise((resolve) => child.once('close', (status, by) => resolve(by ?? status)))
    const left = (): readonly string[] => readdirSync(folder).filter((name) => name.startsWith('.out.'))
    await expect.poll(() => left().length, { timeout: 30_000, interval: 5 }).toBe(1)
    child.kill(signal)
    expect([await ended, said]).toEqual([code, expect.stringContaining('Interrupted. What was half-written')])
    expect(left()).toEqual([])
    expect(readdirSync(folder).sort()).toEqual(['clicks.csv', 'workflow.json'])
  },
)
