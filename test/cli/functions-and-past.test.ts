import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { expressions as f } from '../../src/expressions/index.ts'
import { definitionToJson } from '../../src/workflow/definition-json.ts'
import { workflow } from '../../src/workflow/index.ts'
import { ensuite, plantedLog } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-cli-functions-'))
const at = (name: string): string => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const functions = ['--functions', at('functions.mjs')]
const small = ['--width', '8', '--layers', '1', '--heads', '1', '--epochs', '1', '-k', '1', '--json']

beforeAll(() => {
  writeFileSync(at('clicks.csv'), plantedLog({ sessions: 60, length: 6, items: 12 }))
  const item = f.column('item', 'text')
  const time = f.column('time', 'seconds')
  const { definition } = workflow({
    session: 'session',
    item: 'item',
    time,
    features: {
      digits: f.javascript('digits', [item], { type: 'number' }),
      recent: f.recentCount(time, { by: item, windowMs: 3_600_000 }),
    },
    functions: { digits: () => 0 },
  })
  writeFileSync(at('workflow.json'), JSON.stringify(definitionToJson(definition)))
  writeFileSync(at('functions.mjs'), 'export const digits = (item) => item?.length ?? null\n')
  writeFileSync(at('whole.mjs'), 'export default { digits: (item) => item?.length ?? null }\n')
  writeFileSync(at('none.mjs'), 'export const digits = 5\n')
  writeFileSync(
    at('more.mjs'),
    'export const digits = (item) => item?.length ?? null\nexport const other = () => 1\n',
  )
})

const done = async (args: readonly string[]): Promise<Record<string, unknown>> => {
  const { code, stdout, stderr } = await ensuite([...args, '--json'])
  expect([code, stderr]).toEqual([0, expect.any(String)])
  return JSON.parse(stdout) as Record<string, unknown>
}

it('a workflow with a function goes all the way: prepare, train, evaluate, recommend', async () => {
  const config = ['--config', at('workflow.json')]
  await done(['prepare', at('clicks.csv'), ...config, ...functions, '--split', '--out', at('prepared')])
  const trained = await done(['train', at('prepared'), ...small, ...functions, '--out', at('artifact')])
  const evaluated = await done(['evaluate', at('artifact'), at('prepared'), '-k', '1', ...functions])
  expect(evaluated['ndcg@1']).toBe((trained['test'] as Record<string, unknown>)['ndcg@1'])
  await done(['evaluate', at('artifact'), at('clicks.csv'), '--split', 'random', '-k', '1', ...functions])
  await done(['train', at('clicks.csv'), ...config, ...small, ...functions, '--out', at('from-log')])

  const session = JSON.stringify([
    { item: 'i3', time: 1_700_059_006 },
    { item: 'i4', time: 1_700_059_007 },
  ])
  const recommend = ['recommend', at('artifact'), '--events', session, '-k', '12', '--keep-seen']
  const past = ['--past', at('clicks.csv')]
  const scored = await done([...recommend, ...functions, ...past])
  expect(scored['items']).toHaveLength(12)
  // Exported one by one, as an object, or among others.
  for (const name of ['whole.mjs', 'more.mjs'])
    expect(await done([...recommend, '--functions', at(name), ...past])).toEqual(scored)
  // What happened before matters.
  writeFileSync(at('none.csv'), 'session,item,time\ns,i1,1\n')
  expect(await done([...recommend, ...functions, '--past', at('none.csv')])).not.toEqual(scored)

  for (const [args, code, says] of [
    [[...recommend, ...past], 'FUNCTION_MISSING', /function 'digits'.*--functions/],
    [['evaluate', at('artifact'), at('clicks.csv')], 'FUNCTION_MISSING', /--functions/],
    [['train', at('prepared'), ...small, '--out', at('out')], 'FUNCTION_MISSING', /--functions/],
    [['prepare', at('clicks.csv'), ...config, '--out', at('out')], 'FUNCTION_MISSING', /--functions/],
    [[...recommend, ...functions], 'OPTION_INVALID', /--past <file>/],
    [[...recommend, ...past, '--functions', at('none.mjs')], 'OPTION_INVALID', /exports no function/],
    [[...recommend, ...past, '--functions', at('nowhere.mjs')], 'FILE_NOT_FOUND', /nowhere\.mjs/],
    [
      ['prepare', at('clicks.csv'), '--config', at('whole.mjs'), ...functions, '--out', at('out')],
      'OPTION_INVALID',
      /Leave --functions out/,
    ],
  ] as const) {
    const refused = await ensuite(args)
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(`error [${code}]`)])
    expect(refused.stderr).toMatch(says)
  }
}, 120_000)

it('a config is TypeScript, also where Node runs none', async () => {
  const own = pathToFileURL(resolve('dist/index.js')).href
  writeFileSync(at('width.mts'), 'export const column: string = "item"\n')
  writeFileSync(
    at('workflow.ts'),
    `import { workflow as make, type Workflow } from '${own}'\nimport { column } from './width.mts'\n` +
      `export const workflow: Workflow = make({ session: 'session', item: column })\n`,
  )
  const prepared = await done([
    'prepare',
    at('clicks.csv'),
    '--config',
    at('workflow.ts'),
    '--out',
    at('typed'),
  ])
  expect(prepared['sessions']).toBe(60)
  writeFileSync(at('broken.ts'), 'export const workflow: nix = {{\n')
  const refused = await ensuite([
    'prepare',
    at('clicks.csv'),
    '--config',
    at('broken.ts'),
    '--out',
    at('out'),
  ])
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/\[OPTION_INVALID\].*broken\.ts/)])
})
