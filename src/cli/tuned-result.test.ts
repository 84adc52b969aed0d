import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
      flags: { header: false, columns: ['user', 'item id'], delimiter: ' ', format: 'csv', out: folder },
      configOf: (settings) => settings,
      output: { json: false, live: false, note: () => undefined, result: (_, text) => void (said = text()) },
    },
  )
  expect(said.split('\n').at(-1)).toBe(
    `Train it:  npx ensuite train 'shop'\\''s clicks.txt' more.txt --no-header --columns 'user,item id' --delimiter ' ' --format csv --functions 'my functions.mjs' --config '${join(folder, 'best.json')}' --out artifacts/best`,
  )
  expect(JSON.parse(await readFile(join(folder, 'best.json'), 'utf8'))).toEqual({ 'train.seed': 2 })
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
