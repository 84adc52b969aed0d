import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { tuneCommand } from './tune.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-tune-flags-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())
const at = (name: string): string => join(folder, name)
const rows = Array.from({ length: 60 }, (_, row) => `s${row % 10},i${row % 7}`)
writeFileSync(at('clicks.csv'), `session,item\n${rows.join('\n')}\n`)
mkdirSync(at('run'))
writeFileSync(at('run/run.json'), '{}')
mkdirSync(at('search'))
writeFileSync(at('search/tune.json'), '{}')

/** The command, which must be refused before anything is trained: no process for trials is started. */
function refusal(space: object, flags: readonly string[]): Promise<unknown> {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true)
  writeFileSync(at('space.json'), JSON.stringify(space))
  const args = [at('clicks.csv'), '--session', 'session', '--item', 'item', '--space', at('space.json')]
  return tuneCommand()
    .exitOverride()
    .parseAsync([...args, ...(flags.includes('--out') ? [] : ['--out', at('out')]), ...flags], {
      from: 'user',
    })
    .then(() => undefined)
    .catch((error: unknown) => error)
}

const rate = { 'train.optimizer.learningRate': { from: 1e-4, to: 1e-2 } }

test.each([
  [
    'OPTION_UNKNOWN',
    { 'model.block.options.widht': { values: [8] } },
    [],
    /^tune: space: .*Did you mean 'width'/,
  ],
  ['OPTION_UNKNOWN', { 'train.optimizer.learningrate': { values: [1] } }, [], /Did you mean 'learningRate'/],
  ['OPTION_UNKNOWN', { 'trian.batchSize': { values: [8] } }, [], /Did you mean 'train\.batchSize'/],
  ['OPTION_INVALID', { 'train.epochs': { values: [1, 2] } }, ['--epochs', '1'], /give --epochs/],
  ['OPTION_INVALID', rate, ['--metric', 'ndgc@10'], /Did you mean 'ndcg@10'/],
  ['OPTION_INVALID', rate, ['--search', 'halving', '--least-epochs', '0'], /^--least-epochs must be/],
  ['OPTION_INVALID', rate, ['--search', 'halving', '--reduction', '1'], /^--reduction must be/],
  ['OPTION_INVALID', rate, ['--reduction', '3'], /^--reduction changes nothing beside --search random/],
  ['OPTION_INVALID', rate, ['--trials', '0'], /^--trials must be/],
  ['OPTION_INVALID', rate, ['--epochs', '0'], /^--epochs must be/],
  ['OPTION_INVALID', rate, ['--jobs', '0'], /^--jobs must be/],
  ['OPTION_INVALID', rate, ['--threads', '0'], /^--threads must be/],
  ['DEVICE_UNAVAILABLE', rate, ['--device', 'coreml'], /^Device 'coreml' cannot start/],
  ['OPTION_INVALID', rate, ['--direction', 'lower'], /better the higher: give --direction higher/],
  [
    'OPTION_INVALID',
    { 'model.heads': { values: [[{ kind: 'regression', options: { target: 'price' } }]] } },
    ['--metric', 'price/rmse', '--direction', 'lower'],
    /^tune: space: ensuite train measures how well items are ranked/,
  ],
  ['OUTPUT_EXISTS', rate, ['--out', at('run')], /holds run\.json, and no search/],
  ['CHECKPOINT_EXISTS', rate, ['--out', at('search')], /Go on with --resume, or choose another --out\./],
] as const)('%s: %j with %j', async (code, space, flags, says) => {
  expect(await refusal(space, flags)).toMatchObject({ code, message: expect.stringMatching(says) as string })
  expect([existsSync(at('out')), readdirSync(at('run'))]).toEqual([false, ['run.json']])
})
