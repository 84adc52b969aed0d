import { link, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RankingResult } from '../evaluate/index.ts'
import { compareRuns, ndcg } from '../metrics/index.ts'
import { sessionsOf } from '../train/tiny-model.test-support.ts'
import { readRun } from './read-run.ts'
import { compareEvaluations, rankedEvaluation, windowsEvaluation, writeEvaluation } from './run-evaluation.ts'
import { runFolder } from './run-folder.ts'
import type { RunEvaluation } from './run-schemas.ts'
import { smallRun } from './small-run.test-support.ts'

let folder: string
const texts: Record<string, string> = {}
beforeAll(async () => {
  const made = await mkdtemp(join(tmpdir(), 'run-'))
  await smallRun({ epochs: 1, callbacks: [runFolder(made)] })
  for (const name of ['run.json', 'events.jsonl']) texts[name] = await readFile(join(made, name), 'utf8')
  await rm(made, { recursive: true })
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-'))
  for (const [name, text] of Object.entries(texts)) await writeFile(at(name), text)
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)

/** `run.json` or a line with one thing changed. */
const changed = (text: string, change: object): string =>
  `${JSON.stringify({ ...(JSON.parse(text) as object), ...change })}\n`

describe('what is no run is refused', () => {
  test.each<[string, () => Promise<unknown>, string]>([
    ['no run.json', () => rm(at('run.json')), 'RUN_INVALID'],
    ['one that is cut off', () => truncate(at('run.json'), 100), 'RUN_INVALID'],
    ['no JSON', () => writeFile(at('run.json'), 'run'), 'RUN_INVALID'],
    ['a list', () => writeFile(at('run.json'), '[]'), 'RUN_INVALID'],
    [
      'another format',
      () => writeFile(at('run.json'), changed(texts['run.json']!, { format: 2 })),
      'RUN_INVALID',
    ],
    [
      'a status',
      () => writeFile(at('run.json'), changed(texts['run.json']!, { status: 'done' })),
      'RUN_INVALID',
    ],
    [
      'a key too many',
      () => writeFile(at('run.json'), changed(texts['run.json']!, { files: '../x' })),
      'RUN_INVALID',
    ],
    ['a file that is too large', () => truncate(at('run.json'), 17 * 1024 * 1024), 'RUN_INVALID'],
    [
      'a symbolic link',
      async () => {
        await rm(at('run.json'))
        await symlink('/etc/hostname', at('run.json'))
      },
      'PATH_ESCAPES',
    ],
    ['a hard link', () => link(at('events.jsonl'), at('other')), 'PATH_ESCAPES'],
    ['a line that is no JSON', () => writeFile(at('events.jsonl'), 'update\n'), 'RUN_INVALID'],
    ['a line of no kind', () => writeFile(at('events.jsonl'), '{"kind":"toString"}\n'), 'RUN_INVALID'],
    [
      'a line without its loss',
      () => writeFile(at('events.jsonl'), '{"kind":"update","update":1}\n'),
      'RUN_INVALID',
    ],
    ['an evaluation of nothing', () => writeFile(at('evaluation.json'), '{}'), 'RUN_INVALID'],
  ])('%s', async (_, spoil, code) => {
    await readRun(folder)
    await spoil()
    await expect(readRun(folder)).rejects.toMatchObject({ code })
  })

  test('but what else is in the folder is left alone, and a run without lines is one', async () => {
    await writeFile(at('notes.txt'), 'mine')
    await rm(at('events.jsonl'))
    expect((await readRun(folder)).events).toEqual([])
  })
})

const evaluatedAt = new Date(Date.UTC(2024, 0, 2))
const result = {
  ...{ 'ndcg@10': 0.5, 'recall@10': 0.75, standardErrors: { 'ndcg@10': 0.1, 'recall@10': 0.05 } },
  ...{ sessions: 4, items: 20, filterSeen: true, unknownTargets: 1, seenTargets: 0 },
} as unknown as RankingResult
const sessions = sessionsOf([[2, 3], [2], [4, 5, 6], [7, 8], [9, 10]])
const ranked = (ranks: readonly number[], of = sessions) =>
  rankedEvaluation({
    ...{ result, sessions: of, evaluatedAt, split: { kind: 'random' } },
    ranks: {
      ...{ ranks: Float64Array.from(ranks), sessionIndices: Int32Array.of(0, 2, 3, 4) },
      ...{ unknownTargets: 1, seenTargets: 0 },
    },
    floors: { popularity: result },
  })

test('an evaluation comes back as it was written, with intervals', async () => {
  const evaluation = ranked([1, 2.5, 21, 4])
  expect(evaluation.figures['ndcg@10']).toEqual({
    ...{ mean: 0.5, standardError: 0.1, low: 0.5 - 0.196, high: 0.5 + 0.196 },
  })
  expect(evaluation.floors!['popularity']!['recall@10']!.low).toBeCloseTo(0.652, 12)
  await writeEvaluation(folder, { ...evaluation, slices: [{ any: 'thing' }] })
  expect((await readRun(folder)).evaluation).toEqual({ ...evaluation, slices: [{ any: 'thing' }] })
  // Larger than is read.
  const huge = { ...evaluation, slices: 'x'.repeat(64 * 1024 * 1024) }
  await expect(writeEvaluation(folder, huge)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  expect((await readRun(folder)).evaluation).toMatchObject({ slices: [{ any: 'thing' }] })
  await rm(at('run.json'))
  await expect(writeEvaluation(folder, evaluation)).rejects.toMatchObject({ code: 'RUN_INVALID' })
})

test('figures that cannot be are refused where they are read, written and compared', async () => {
  const evaluation = ranked([1, 2.5, 21, 4])
  const { figures, floors } = evaluation
  const of = (figure: object): object => ({ ...figures, 'ndcg@10': figure })
  const impossible = [
    { figures: of({ mean: -3, low: 9, high: -9 }) },
    { figures: of({ mean: 0.5, low: 0.6 }) },
    { floors: { ...floors, popularity: of({ mean: 0.5, high: 0.4 }) } },
    { sessions: 5 },
  ]
  const refusal = expect.objectContaining({ code: 'RUN_INVALID' }) as Error
  for (const wrong of impossible.map((part) => ({ ...evaluation, ...part }) as RunEvaluation)) {
    await expect(writeEvaluation(folder, wrong)).rejects.toEqual(refusal)
    await writeFile(at('evaluation.json'), JSON.stringify(wrong))
    await expect(readRun(folder)).rejects.toEqual(refusal)
    expect(() => compareEvaluations(evaluation, wrong, 'ndcg@10')).toThrow(refusal)
  }
  await writeEvaluation(folder, evaluation)
  expect((await readRun(folder)).evaluation).toEqual(evaluation)
})

test('what is no evaluation, and a time that is none, are refused with a code', () => {
  const evaluation = ranked([1, 2, 21, 4])
  for (const [first, second] of [
    [undefined, evaluation],
    [evaluation, null],
    [{ ranks: 5 }, evaluation],
  ])
    expect(() => compareEvaluations(first as never, second as never, 'ndcg@10')).toThrow(
      expect.objectContaining({ code: 'RUN_INVALID' }) as Error,
    )
  for (const wrong of ['x', undefined, new Date(NaN)] as never[])
    for (const make of [
      () => rankedEvaluation({ result, evaluatedAt: wrong }),
      () => windowsEvaluation([], { evaluatedAt: wrong }),
    ])
      expect(make).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
})

test('two runs on the same sessions are compared session by session, those on others are refused', () => {
  const [one, other] = [ranked([1, 2, 21, 4]), ranked([3, 2, 5, 4])]
  const of = (ranks: readonly number[]): number[] => ranks.map((rank) => ndcg(10).of(rank))
  expect(compareEvaluations(one, other, 'ndcg@10')).toEqual(compareRuns(of([1, 2, 21, 4]), of([3, 2, 5, 4])))
  // (1 + 1/log2(3) + 0 + 1/log2(5) − 1/2 − 1/log2(3) − 1/log2(6) − 1/log2(5)) / 4
  expect(compareEvaluations(one, other, 'ndcg@10').difference).toBeCloseTo((0.5 - 1 / Math.log2(6)) / 4, 12)
  const targets = ranked([1, 2, 21, 4], sessionsOf([[2, 3], [2], [4, 5, 6], [7, 8], [9, 11]]))
  const { ranks: _, ...without } = one
  for (const wrong of [targets, without])
    expect(() => compareEvaluations(one, wrong, 'ndcg@10')).toThrow(
      expect.objectContaining({ code: 'RUN_INVALID' }) as Error,
    )
  for (const differing of [{ filterSeen: false }, { items: 21 }])
    expect(() => compareEvaluations(one, { ...other, ...differing }, 'ndcg@10')).toThrow(
      expect.objectContaining({
        code: 'RUN_INVALID',
        message: expect.stringContaining(Object.keys(differing)[0]!) as string,
      }) as Error,
    )
  // Of 20 items none has rank 21: that is a miss.
  expect(one.items).toBe(20)
  for (const metric of ['ndcg', 'gain@10', 'recall@21'])
    expect(() => compareEvaluations(one, other, metric)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }) as Error,
    )
})

test('ranks of very many sessions are thinned out evenly', () => {
  const count = 250_000
  const many = sessionsOf(Array.from({ length: count }, () => [2, 3]))
  const { ranks } = rankedEvaluation({
    ...{ result, sessions: many, evaluatedAt },
    ranks: {
      ranks: Float64Array.from({ length: count }, (_, index) => index + 1),
      sessionIndices: Int32Array.from({ length: count }, (_, index) => index),
      ...{ unknownTargets: 0, seenTargets: 0 },
    },
  })
  expect(ranks).toMatchObject({ every: 3 })
  expect(ranks!.values).toHaveLength(Math.ceil(count / 3))
  expect(ranks!.values.slice(0, 3)).toEqual([1, 4, 7])
})

test('windows weigh alike, those that were not tested not at all', () => {
  const window = { updates: 1, seconds: 1 }
  const { figures, sessions: tested } = windowsEvaluation(
    [
      { window: 'a', tested: 0, ...window },
      { window: 'b', tested: 30, metrics: { 'ndcg@20': 0.2 }, ...window },
      { window: 'c', tested: 10, metrics: { 'ndcg@20': 0.4 }, ...window },
    ],
    { evaluatedAt },
  )
  expect(tested).toBe(40)
  expect(figures['ndcg@20']!.mean).toBeCloseTo(0.3, 12)
  // The deviation of 0.2 and 0.4 is 0.1 · √2, its error 0.1.
  expect(figures['ndcg@20']!.standardError).toBeCloseTo(0.1, 12)
  // Two windows say little: 12.7 standard errors to either side.
  expect(figures['ndcg@20']!.high).toBeCloseTo(0.3 + 1.2706, 4)
})

test.each<[string, () => unknown, RegExp]>([
  [
    'no result',
    () => rankedEvaluation({ evaluatedAt } as never),
    /result expects what evaluateRanking gives/,
  ],
  ['a result alone', () => rankedEvaluation(result as never), /rankedEvaluation has no option/],
  ['no windows', () => windowsEvaluation(undefined as never, { evaluatedAt }), /expects the windows of/],
  ['windows of null', () => windowsEvaluation([null] as never, { evaluatedAt }), /received a list/],
  ['no time', () => windowsEvaluation([], undefined as never), /expects an object of options/],
])('%s: no evaluation', (_, call, message) => {
  expect(call).toThrow(message)
})
