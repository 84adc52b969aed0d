import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { headKinds } from '../src/heads/index.ts'
import { headMeasures } from '../src/evaluate/head-measures/index.ts'
import { binary, multiClass, regression } from '../src/heads/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
const page = read('docs/heads.md')

it('names every head with its metrics', () => {
  const camel = (kind: string): string => kind.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const some = [binary({ target: 'x' }), multiClass({ target: 'x', classes: 9 }), regression({ target: 'x' })]
  for (const kind of headKinds) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${camel(kind)}\``))
    expect(row, kind).toBeDefined()
    const [measure, head] = [headMeasures[kind], some.find((each) => each.kind === kind)]
    if (measure === undefined || head === undefined) continue
    for (const name of Object.keys(measure.metrics(head, { threshold: 0.5, ks: [5] })))
      expect(row, kind).toContain(`\`${name}\``)
    expect(row!.split('|')[4]).toContain(`\`${measure.main}\``)
  }
})

it('shows the example that runs: all heads beat their constants, and are served', () => {
  expect(page).toContain(`\`\`\`js\n${read('examples/heads.mjs')}\`\`\``)
  const printed = execFileSync(process.execPath, ['examples/heads.mjs'], { cwd: root, encoding: 'utf8' })
  const ndcg = (name: string): number =>
    Number(new RegExp(`^${name} (0\\.\\d+) ± 0\\.0\\d+$`, 'm').exec(printed)![1])
  expect(ndcg('sasrec')).toBeGreaterThan(ndcg('popularity'))
  expect(printed.match(/beatsConstant: true/g)).toHaveLength(3)
  expect(printed).toMatch(/^[ABCP]\d+ {\n {2}category: {\n {4}'1': 0\.\d+,[^}]*},\n {2}price: -?\d/m)
  rmSync(new URL('../artifacts/heads', import.meta.url), { recursive: true })
})
