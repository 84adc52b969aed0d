import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { shopOptionNames } from '../src/recommend/shop-options.ts'
import { ruleNames } from '../src/rules/index.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
const page = read('docs/rules.md')

it('has a row of every option of a shop, and of every rule in the order in which they are applied', () => {
  // Sources have rows, too, and one is called as an option is.
  const [rules] = page.split('## Where an item comes from')
  const rows = [...rules!.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!)
  expect(rows.filter((name) => (shopOptionNames as readonly string[]).includes(name)).sort()).toEqual(
    [...shopOptionNames].sort(),
  )
  expect(rows.filter((name) => (ruleNames as readonly string[]).includes(name))).toEqual(ruleNames)
})

it('shows the example that runs: rules hold, say what they did, and a score is explained', () => {
  expect(page).toContain(`\`\`\`js\n${read('examples/rules.mjs')}\`\`\``)
  const folder = mkdtempSync(join(tmpdir(), 'ensuite-rules-'))
  const node = (...given: readonly string[]): string =>
    execFileSync(process.execPath, given, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  try {
    const clicks = 'examples/eshop-clothing/e-shop_clothing_2008.csv.gz'
    const columns = ['--session', 'session.ID', '--item', 'page.2..clothing.model.', '--time', 'order']
    const out = join(folder, 'shop')
    node('dist/cli/main.js', 'train', clicks, ...columns, '--epochs', '1', '--out', out)
    const [id, ...lines] = node('examples/rules.mjs', out).trim().split('\n')
    expect(id).toBe('example-1')
    const items = lines.slice(0, 8).map((line) => line.split(/ +/))
    expect(items[2]!.slice(0, 2)).toEqual(['C5', 'pinned'])
    const categories = items.map(([, , category]) => category)
    for (const category of categories)
      expect(categories.filter((each) => each === category).length).toBeLessThanOrEqual(3)
    expect(categories.filter((each) => each === 'sale').length).toBeGreaterThanOrEqual(2)
    expect(items.map(([item]) => item)).not.toContain('A15')
    const rules = lines.slice(8, 15).map((line) => /^(\w+): \d+ out, \d+ in$/.exec(line)![1])
    expect(rules).toEqual(['filter', 'hide', 'boosts', 'pin', 'quotas', 'caps', 'exploration'])
    const shares = lines.slice(15).map((line) => Number(/^A1[036] (-?\d\.\d\d)$/.exec(line)![1]))
    expect(shares).toHaveLength(3)
    expect(shares.reduce((sum, share) => sum + Math.abs(share), 0)).toBeCloseTo(1, 1)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
