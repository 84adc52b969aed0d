import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { baselineKinds, baselineOfKind } from '../src/baselines/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
const page = read('docs/baselines.md')

it('has a row of every baseline, in order, with its options and their defaults', () => {
  const [table] = page.split('## From code')
  const rows = [...table!.matchAll(/^\| `([a-z-]+)` .*$/gm)]
  expect(rows.map(([, kind]) => kind)).toEqual(baselineKinds)
  for (const [row, kind] of rows) {
    const said = Object.fromEntries(
      [...row.split('|')[4]!.matchAll(/`(\w+)` ([\w.]+)/g)].map(([, name, value]) => [name!, value!]),
    )
    const options = Object.entries(baselineOfKind(kind!).options)
    expect(said, kind).toEqual(Object.fromEntries(options.map(([name, value]) => [name, String(value)])))
  }
})

it('shows the example that runs: all beat popularity', () => {
  expect(page).toContain(`\`\`\`js\n${read('examples/baselines.mjs')}\`\`\``)
  const printed = execFileSync(process.execPath, ['examples/baselines.mjs'], { cwd: root, encoding: 'utf8' })
  const figures = [...printed.matchAll(/^([a-z-]+) (0\.\d{4}) (0\.\d{4})$/gm)]
  expect(figures.map(([, kind]) => kind)).toEqual([
    'popularity',
    'markov',
    'item-knn',
    'vsknn',
    'vstan',
    'ease',
  ])
  const [[, , floor], ...others] = figures as unknown as [RegExpMatchArray, ...RegExpMatchArray[]]
  for (const [, kind, recall] of others) expect([kind, Number(recall) > Number(floor)]).toEqual([kind, true])
})
