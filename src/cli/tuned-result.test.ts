import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ErrorCode } from '../errors.ts'
import { expressions as f } from '../expressions/index.ts'
import { workflow } from '../workflow/index.ts'
import { functionsFile, tunedResult } from './tuned-result.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'ensuite tuned '))))
afterAll(() => rm(folder, { recursive: true }))

test('the command that trains the best reads the events as the search did, in words that a shell takes', async () => {
  const trial = { trial: 1, budget: 1, settings: { 'train.seed': 2 }, value: 0.5, seconds: 1 }
  let said = ''
  await tunedResult(
    { trials: [trial], best: trial, refused: 0 },
    {
      ...{ events: ["shop's clicks.txt", 'more.txt'], functions: 'my functions.mjs', metric: 'ndcg@10' },
      flags: {
        ...{ header: false, columns: ['user', 'item id'], delimiter: ' ', quotes: false },
        ...{ format: 'csv', out: folder },
      },
      configOf: (settings) => settings,
      output: { json: false, live: false, note: () => undefined, result: (_, text) => void (said = text()) },
    },
  )
  expect(said.split('\n').at(-1)).toBe(
    `Train it:  npx ensuite train 'shop'\\''s clicks.txt' more.txt --no-header --columns 'user,item id' --delimiter ' ' --no-quotes --format csv --functions 'my functions.mjs' --config '${join(folder, 'best.json')}' --out artifacts/best`,
  )
  expect(JSON.parse(await readFile(join(folder, 'best.json'), 'utf8'))).toEqual({ 'train.seed': 2 })
})

test.each<[string, number | undefined, ErrorCode, ErrorCode, RegExp]>([
  [
    'all',
    undefined,
    'TRAINING_DIVERGED',
    'TRAINING_DIVERGED',
    /^Every trial failed, the first with: no\. Narrow/,
  ],
  ['those with all epochs', 0.5, 'TRAINING_DIVERGED', 'TRAINING_DIVERGED', /every one failed \(1 with fewer/],
  ['all for want of memory', undefined, 'RUNTIME_FAILED', 'RUNTIME_FAILED', /go on with --resume/],
])('where %s failed it says so, and what to do', async (_, value, failed, code, says) => {
  const error = { code: failed, message: 'no.' }
  const trial = { trial: 1, settings: {}, seconds: 1 }
  const result = tunedResult(
    {
      trials: [
        { ...trial, budget: 3, error },
        { ...trial, budget: 1, ...(value === undefined ? { error } : { value }) },
      ],
      refused: 0,
    },
    {
      ...{ events: [], functions: undefined, metric: 'ndcg@10', configOf: (settings) => settings },
      flags: { header: true, quotes: true, out: folder },
      output: { json: true, live: false, note: () => undefined, result: () => undefined },
    },
  )
  await expect(result).rejects.toMatchObject({ code, message: expect.stringMatching(says) as string })
})

test('functions are those that were given, or of the module that holds the workflow', () => {
  const half = (price: unknown) => (price === null ? null : Number(price) / 2)
  const calling = workflow({
    ...{ session: 's', item: f.category('i') },
    features: { half: f.normalize(f.javascript('half', [f.column('price', 'number')], { type: 'number' })) },
    functions: { half },
  })
  const plain = workflow({ session: 's', item: f.category('i') })
  expect(functionsFile({ functions: 'a.mjs', config: 'b.json' }, { workflow: calling })).toBe('a.mjs')
  expect(functionsFile({ config: 'b.mjs' }, { workflow: calling })).toBe('b.mjs')
  expect(functionsFile({ config: 'b.mjs' }, { workflow: plain })).toBeUndefined()
  expect(functionsFile({}, { workflow: plain })).toBeUndefined()
})
