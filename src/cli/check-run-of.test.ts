import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { saveArtifact, readArtifact } from '../artifact/index.ts'
import { loadModel } from '../artifact/load-model.ts'
import { evaluateCommand } from './commands/evaluate.ts'
import { trainCommand } from './commands/train.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-run-of-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)
const silence = (): void => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true)
}
beforeEach(silence)
const columns = ['--session', 'session', '--item', 'item', '-k', '1']
const small = ['--width', '8', '--heads', '1', '--epochs', '1']

const train = (name: string, ...flags: readonly string[]): Promise<unknown> =>
  trainCommand()
    .exitOverride()
    .parseAsync([at('clicks.csv'), ...columns, '--out', at(name), ...flags], { from: 'user' })
const evaluate = (name: string, run: string): Promise<unknown> =>
  evaluateCommand()
    .exitOverride()
    .parseAsync([at(name), at('clicks.csv'), '-k', '1', '--run', at(run)], { from: 'user' })
const figures = (run: string): string => readFileSync(join(at(run), 'evaluation.json'), 'utf8')
const refusal = expect.objectContaining({ code: 'RUN_INVALID' }) as unknown

beforeAll(async () => {
  silence()
  const rows = Array.from({ length: 60 }, (_, row) => `s${row % 10},i${row % 7}`)
  writeFileSync(at('clicks.csv'), `session,item\n${rows.join('\n')}\n`)
  await train('one', ...small, '--run', at('run-one'))
  // The same model, of another seed.
  await train('other', ...small, '--seed', '2', '--run', at('run-other'))
  await train('counts', '--baseline', 'markov')
})

test('the figures of an artifact are kept in the run that trained it alone', async () => {
  const before = figures('run-other')
  for (const name of ['one', 'counts']) await expect(evaluate(name, 'run-other')).rejects.toEqual(refusal)
  expect(figures('run-other')).toBe(before)
  const own = figures('run-one')
  await evaluate('one', 'run-one')
  expect(figures('run-one')).not.toBe(own)
})

test('not in one that goes on still', async () => {
  cpSync(at('run-one'), at('running'), { recursive: true })
  const run = JSON.parse(readFileSync(join(at('running'), 'run.json'), 'utf8')) as object
  writeFileSync(join(at('running'), 'run.json'), JSON.stringify({ ...run, status: 'running' }))
  const before = figures('running')
  await expect(evaluate('one', 'running')).rejects.toEqual(refusal)
  expect(figures('running')).toBe(before)
})

test('of an artifact that names no run the model must be that of the run', async () => {
  const { model, weights, workflow } = loadModel(await readArtifact(at('one')))
  await saveArtifact(at('from-code'), { model, weights, workflow }, { createdAt: new Date(0) })
  await evaluate('from-code', 'run-one')
  await train('wide', ...small, '--width', '16', '--run', at('run-wide'))
  await expect(evaluate('from-code', 'run-wide')).rejects.toEqual(refusal)
})
