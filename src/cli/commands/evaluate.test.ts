import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { evaluateCommand } from './evaluate.ts'
import { prepareCommand } from './prepare.ts'
import { recommendCommand } from './recommend.ts'
import { trainCommand } from './train.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-evaluate-command-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)
const silence = (): void => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true)
}
beforeEach(silence)
const ran = (command: Command, ...args: readonly string[]): Promise<unknown> =>
  command
    .exitOverride()
    .parseAsync(args, { from: 'user' })
    .catch((error: unknown) => error)

beforeAll(async () => {
  silence()
  const rows = Array.from({ length: 60 }, (_, row) => `s${row % 10},i${row % 7},${['red', 'blue'][row % 2]!}`)
  writeFileSync(at('clicks.csv'), `session,item,colour\n${rows.join('\n')}\n`)
  const columns = ['--session', 'session', '--item', 'item', '--categorical', 'colour', '-k', '1']
  await ran(trainCommand(), at('clicks.csv'), ...columns, '--baseline', 'markov', '--out', at('markov'))
})

test.each([
  ['lenght', "Did you mean 'length'?"],
  ['color', "Did you mean 'colour'?"],
  [
    'length,mood',
    "no slicing 'mood'. There are length, popularity, new-items, hour, day, week, month, and the",
  ],
])('--slices %s names the slicings, before any event is read', async (slices, says) => {
  expect(await ran(evaluateCommand(), at('markov'), at('nowhere.csv'), '--slices', slices)).toMatchObject({
    code: 'OPTION_UNKNOWN',
    message: expect.stringContaining(says) as string,
  })
})

test('lists of nothing are refused, and not ignored', async () => {
  const refused = expect.objectContaining({ code: 'commander.invalidArgument' }) as unknown
  for (const flags of [
    ['--slices', ''],
    ['-k', ','],
  ])
    expect(await ran(evaluateCommand(), at('markov'), at('clicks.csv'), ...flags)).toEqual(refused)
  expect(await ran(recommendCommand(), at('markov'), '--items', '')).toEqual(refused)
  expect(await ran(evaluateCommand(), at('markov'), at('clicks.csv'), '--baselines', ',')).toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('--baselines names none') as string,
  })
})

test('a prepared folder is divided as the training was, and says how its files are read', async () => {
  writeFileSync(at('workflow.json'), JSON.stringify({ session: 'session', item: 'item', features: {} }))
  await ran(prepareCommand(), at('clicks.csv'), '--config', at('workflow.json'), '--out', at('prepared'))
  const split = ['--split', 'random', '--seed', '7']
  await ran(
    trainCommand(),
    ...[at('prepared'), ...split, '-k', '1', '--baseline', 'markov', '--out', at('divided')],
  )
  const said: string[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0)
  const divided = (...flags: readonly string[]) =>
    ran(evaluateCommand(), at('divided'), at('prepared'), ...flags)
  await divided('-k', '1', '--json')
  await divided('-k', '1', '--seed', '8', '--json')
  const seeds = said.map((text) => (JSON.parse(text) as { readonly split: object }).split)
  expect(seeds).toMatchObject([
    { kind: 'random', seed: 7 },
    { kind: 'random', seed: 8 },
  ])
  for (const [flags, message] of [
    [['--split', 'leave-one-out', '--seed', '8'], '--seed is of a random split'],
    [['--delimiter', ';'], 'Leave --delimiter out'],
    [['--no-header'], 'Leave --no-header out'],
  ] as const)
    expect(await divided(...flags)).toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(message) as string,
    })
})

test('it measures as the training was measured, unless flags say otherwise; figures of another split do not go into its run', async () => {
  const columns = ['--session', 'session', '--item', 'item']
  const small = ['--width', '4', '--layers', '1', '--epochs', '1', '--split', 'random']
  const kept = ['-k', '2', '--keep-seen', '--out', at('model'), '--run', at('run')]
  expect(await ran(trainCommand(), at('clicks.csv'), ...columns, ...small, ...kept)).not.toBeInstanceOf(Error)
  const measured = async (...flags: readonly string[]): Promise<unknown> => {
    const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    said.mockClear()
    await ran(evaluateCommand(), at('model'), at('clicks.csv'), '--json', ...flags)
    return JSON.parse(said.mock.calls.map(([text]) => String(text)).join(''))
  }
  const again = await measured('--run', at('run'))
  expect(again).toMatchObject({ filterSeen: false, 'ndcg@2': expect.any(Number) as number })
  expect(again).not.toHaveProperty('ndcg@10')
  expect(await measured('-k', '3', '--filter-seen')).toMatchObject({
    filterSeen: true,
    'ndcg@3': expect.any(Number) as number,
  })
  const before = readFileSync(at('run/evaluation.json'), 'utf8')
  const other = ['--split', 'leave-one-out', '--run', at('run')]
  expect(await ran(evaluateCommand(), at('model'), at('clicks.csv'), ...other)).toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('of the split that its training had (random') as string,
  })
  expect(readFileSync(at('run/evaluation.json'), 'utf8')).toBe(before)
})

test('a folder that never was an artifact is called what it is', async () => {
  writeFileSync(at('items.json'), JSON.stringify({ session: 'session', item: 'item', features: {} }))
  await ran(prepareCommand(), at('clicks.csv'), '--config', at('items.json'), '--out', at('sessions'))
  mkdirSync(at('data'))
  writeFileSync(at('data/clicks.csv'), 'session,item\n')
  for (const [name, says] of [
    ['sessions', /sessions is no artifact, but a folder that prepare wrote\. Train on it/],
    ['data', /data is no artifact: it holds no manifest\.json/],
  ] as const)
    for (const asked of [
      ran(evaluateCommand(), at(name), at('clicks.csv')),
      ran(recommendCommand(), at(name), '--items', 'i1'),
    ])
      expect(await asked).toMatchObject({
        code: 'ARTIFACT_INVALID',
        message: expect.stringMatching(says) as string,
      })
})
