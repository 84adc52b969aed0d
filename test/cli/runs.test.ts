import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { compareEvaluations, readRun } from '../../src/runs/index.ts'
import { ensuite, plantedLog, type Ran } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-runs-'))
const at = (name: string): string => join(folder, name)
beforeAll(() => {
  writeFileSync(at('clicks.csv'), plantedLog({ sessions: 60, length: 6, items: 12 }))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const train = (...flags: readonly string[]): Promise<Ran> =>
  ensuite([
    ...['train', at('clicks.csv'), '--session', 'session', '--item', 'item', '--time', 'time'],
    ...['--width', '8', '--layers', '1', '--epochs', '2', '-k', '5', '--json', ...flags],
  ])

it('train writes a run folder and for TensorBoard, evaluate writes its figures anew, and the two are compared', async () => {
  const flags = [
    '--run',
    at('run'),
    '--tensorboard',
    at('board'),
    '--commit',
    'abc',
    '--keep-checkpoints',
    '1',
  ]
  const { code, stdout, stderr } = await train(...flags, '--evaluate-every', '1', '--out', at('shop'))
  expect([code, stderr]).toEqual([0, expect.any(String)])
  const { test } = JSON.parse(stdout) as { readonly test: Readonly<Record<string, number>> }
  const { run, events, evaluation } = await readRun(at('run'))
  expect(run).toMatchObject({
    ...{ name: 'run', status: 'ended', commit: 'abc', split: { kind: 'leave-one-out' } },
    settings: { train: { epochs: 2, evaluateEvery: 1 } },
  })
  expect(events.filter(({ kind }) => kind === 'epoch')).toHaveLength(2)
  expect(evaluation!.figures['ndcg@5']!.mean).toBe(test['ndcg@5'])
  expect(Object.keys(evaluation!.floors!).sort()).toEqual(['markov', 'popularity'])
  expect(evaluation!.ranks!.values).toHaveLength(60)
  expect(readFileSync(at('board/item-names.tsv'), 'utf8').trim().split('\n').sort()[0]).toBe('i0')
  expect(readdirSync(at('shop.training'))).toContain('epoch-2.safetensors')

  const again = await ensuite([
    ...['evaluate', at('shop'), at('clicks.csv'), '-k', '3', '--run', at('run'), '--baselines', 'item-knn'],
    ...['--slices', 'length'],
  ])
  expect([again.code, again.stderr]).toEqual([0, expect.any(String)])
  const second = (await readRun(at('run'))).evaluation!
  expect(Object.keys(second.floors!)).toContain('item-knn')
  expect(Object.keys(second.figures)).toContain('ndcg@3')
  // Any metric of any k, from the ranks.
  expect(compareEvaluations(evaluation!, second, 'ndcg@7')).toMatchObject({ difference: 0, pValue: 1 })

  const report = await ensuite([
    'report',
    at('run'),
    '--out',
    at('report.html'),
    '--title',
    'A & B',
    '--json',
  ])
  expect([report.code, report.stderr]).toEqual([0, ''])
  expect(JSON.parse(report.stdout)).toMatchObject({ title: 'A & B', runs: 1, searches: 0 })
  const page = readFileSync(at('report.html'), 'utf8')
  for (const part of ['<title>A &amp; B</title>', '<td>item-knn</td>', 'id="slices-1-ndcg-3"'])
    expect([part, page.includes(part)]).toEqual([part, true])
})

it('a job that always says --resume --overwrite trains anew where the last one has ended', async () => {
  const nightly = ['--resume', '--overwrite', '--keep-checkpoints', '1', '--out', at('nightly')]
  for (const night of [1, 2]) {
    const { code, stderr } = await train(...nightly)
    expect([night, code, stderr]).toEqual([night, 0, expect.any(String)])
    expect(readdirSync(at('nightly.training'))).toEqual(['epoch-2.safetensors'])
  }
})

it('what is in the way, and flags that change nothing, are refused before anything is read', async () => {
  const taken = await train('--run', at('run'), '--out', at('other'))
  expect(taken.code).toBe(2)
  expect(taken.stderr).toContain('error [OUTPUT_EXISTS]')
  const places = [
    ['--run', 'other', 'OPTION_INVALID'],
    ['--tensorboard', 'other', 'OPTION_INVALID'],
    ['--run', 'other/run', 'OPTION_INVALID'],
    ['--run', '.', 'OPTION_INVALID'],
    ['--run', 'shop', 'OUTPUT_EXISTS'],
    ['--tensorboard', 'shop', 'OUTPUT_EXISTS'],
    ['--run', 'board', 'OUTPUT_EXISTS'],
  ] as const
  const before = readdirSync(folder, { recursive: true })
  for (const [flag, place, refusal] of places) {
    const said = await train(flag, at(place), '--out', at('other'))
    expect([flag, place, said.code]).toEqual([flag, place, 2])
    expect(said.stderr).toContain(`error [${refusal}]`)
  }
  expect(readdirSync(folder, { recursive: true })).toEqual(before)
  const useless = await train('--mlflow-experiment', 'x', '--out', at('other'))
  expect(useless.stderr).toContain('error [OPTION_INVALID]: --mlflow-experiment')
  const none = await ensuite(['evaluate', at('shop'), at('clicks.csv'), '--run', at('nothing')])
  expect(none.stderr).toContain('error [RUN_INVALID]')
  const unread = await ensuite(['report', at('nothing'), '--out', at('none.html')])
  expect([unread.code, unread.stderr]).toEqual([2, expect.stringContaining('error [RUN_INVALID]')])
  const mine = await ensuite(['report', at('run'), '--out', at('clicks.csv')])
  expect([mine.code, mine.stderr]).toEqual([2, expect.stringContaining('error [OUTPUT_EXISTS]')])
})
