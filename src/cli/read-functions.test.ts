import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readFunctions } from './read-functions.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-functions-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['exports by name', 'export const half = (x) => x / 2'],
  ['a default export', 'export default { half: (x) => x / 2 }'],
  ['those of a workflow', 'export const workflow = { definition: { functions: { half: (x) => x / 2 } } }'],
  [
    'those of the workflow in a config',
    'export const config = { workflow: { definition: { functions: { half: (x) => x / 2 } } } }',
  ],
])('functions of a module are %s', async (name, text) => {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(path, text)
  const functions = await readFunctions(path)
  expect(Object.keys(functions)).toEqual(['half'])
  expect((functions['half'] as (x: number) => number)(6)).toBe(3)
})
