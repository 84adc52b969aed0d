import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readArtifact } from '../../src/artifact/index.ts'
import { ensuite, main, plantedLog } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-two-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const events = join(folder, 'clicks.csv')
writeFileSync(events, plantedLog({ sessions: 200, length: 12, items: 30 }))
const command = (out: string): readonly string[] => [
  'train', events, '--session', 'session', '--item', 'item', '--width', '16', '--layers', '1', '--heads', '2',
  '--batch-size', '16', '--epochs', '8', '-k', '5', '--checkpoint-seconds', '0', '--threads', '1', '--out', out,
] // prettier-ignore
const weights = (out: string): Buffer => readFileSync(join(out, 'weights.safetensors'))

it('a second run to the same place is refused from the start, the first goes on, is killed, and is resumed', async () => {
  const [calm, out] = [join(folder, 'calm'), join(folder, 'out')]
  const training = `${out}.training`
  expect((await ensuite(command(calm))).code).toBe(0)

  const refusedWhile = async (id: number): Promise<void> => {
    // A file that is not there would be found missing, were the data read first.
    for (const args of [
      command(out),
      [...command(`${out}/`), '--resume'],
      ['train', 'none.csv', '--session', 's', '--item', 'i', '--out', out],
    ]) {
      const { code, stderr } = await ensuite(args)
      expect([code, stderr]).toEqual([2, expect.stringContaining('error [CHECKPOINT_EXISTS]')])
      expect(stderr).toContain(`wait for the other run (process ${id}), or choose another --out`)
    }
  }
  const start = (
    args: readonly string[],
  ): { id: number; kill: (signal?: NodeJS.Signals) => boolean; ended: Promise<unknown> } => {
    const child = spawn(process.execPath, [main, ...args], { stdio: 'ignore' })
    const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)))
    return { id: child.pid!, kill: (signal = 'SIGKILL') => child.kill(signal), ended }
  }
  const held = (id: number): Promise<unknown> =>
    expect
      .poll(
        () => existsSync(training) && readdirSync(training).some((name) => name.startsWith(`run.${id}-`)),
        {
          timeout: 20_000,
          interval: 20,
        },
      )
      .toBe(true)

  // It never ends, so that it is there as long as the others try.
  const first = start([...command(out), '--epochs', '100000', '--patience', '100000'])
  await held(first.id)
  await refusedWhile(first.id)
  first.kill()
  expect(await first.ended).toBe('SIGKILL')
  rmSync(training, { recursive: true })

  const second = start(command(out))
  await held(second.id)
  await expect
    .poll(() => existsSync(join(training, 'checkpoint.safetensors')), { timeout: 20_000, interval: 5 })
    .toBe(true)
  second.kill()
  expect(await second.ended).toBe('SIGKILL')
  expect((await ensuite(command(out))).stderr).toContain('Go on with --resume')
  const third = start([...command(out), '--resume'])
  await held(third.id)
  third.kill('SIGSTOP') // so that it is still there, however fast the machine
  expect((await ensuite([...command(out), '--resume'])).stderr).toContain(`(process ${third.id})`)
  third.kill('SIGCONT')
  expect(await third.ended).toBe(0)
  await readArtifact(out)
  expect(weights(out).equals(weights(calm))).toBe(true)
  expect(readdirSync(folder).sort()).toEqual(['calm', 'clicks.csv', 'out'])
})
