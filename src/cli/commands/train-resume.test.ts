import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { interruptedLine } from '../checkpoint-place.ts'
import { trainCommand } from './train.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-resume-command-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())
const at = (name: string): string => join(folder, name)
const rows = Array.from({ length: 200 }, (_, row) => `s${row % 40},i${(row * 3) % 10}`)
writeFileSync(at('clicks.csv'), `session,item\n${rows.join('\n')}\n`)

/** What the command prints, also where it fails. */
async function said(...flags: readonly string[]): Promise<string> {
  const written: string[] = []
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0)
  const columns = ['--session', 'session', '--item', 'item']
  const small = ['--width', '8', '--heads', '1', '--layers', '1', '-k', '3', '--batch-size', '16']
  await trainCommand()
    .exitOverride()
    .configureOutput({ writeErr: (text) => written.push(text) })
    .parseAsync([at('clicks.csv'), ...columns, ...small, ...flags], { from: 'user' })
    .catch((error: unknown) => written.push(String(error)))
  return written.join('')
}

test('where there is nothing to go on from it says so, and trains', async () => {
  const text = await said('--epochs', '1', '--resume', '--out', at('shpo'))
  expect(text).toContain(`No run has left a checkpoint in ${at('shpo')}.training`)
  expect(text).toContain('Trained 1 epoch in')
  expect(await said('--epochs', '2', '--out', at('shop'))).toMatch(
    /^(?!.*No run has left)[^]*Trained 2 epochs in/,
  )
})

test('evaluations inside an epoch have lines of their own, those at its end its line', async () => {
  // 40 sessions in batches of 16: three updates an epoch.
  const text = await said('--epochs', '2', '--evaluate-every', '2', '--out', at('every'))
  const lines = text.split('\n').filter((line) => line.includes('validation ndcg@3'))
  expect(lines.map((line) => line.split(' · ')[0])).toEqual([
    ...['epoch 1, update 2', 'epoch 1', 'epoch 2, update 4', 'epoch 2'],
  ])
})

test.each(['bests', '0', '1.5', ''])("--resume-from '%s' is told what there is", async (given) => {
  expect(await said('--resume-from', given, '--out', at('none'))).toContain(
    "the number of an epoch, or 'best'",
  )
})

test('what is interrupted is told whether it can go on', () => {
  mkdirSync(at('begun.training'))
  expect(interruptedLine(at('begun/'))).toMatch(/before a checkpoint was written/)
  writeFileSync(at('begun.training/checkpoint.safetensors'), '')
  expect(interruptedLine(at('begun/'))).toMatch(/Go on .* --resume/)
})
