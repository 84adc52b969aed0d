import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { beyondMetrics } from './index.ts'

test('the page has a row for every metric beyond accuracy, in their order, and each is called what its kind says', () => {
  const page = readFileSync(new URL('../../../docs/evaluate.md', import.meta.url), 'utf8')
  const part = page.slice(page.indexOf('### Beyond accuracy'))
  const rows = [...part.slice(0, part.indexOf('\n#', 4)).matchAll(/^\| `([a-z-]+)@k` /gm)].map(
    ([, kind]) => kind!,
  )
  expect(rows).toEqual(beyondMetrics.map(({ kind }) => kind))
  const counts = new Float64Array([3, 1])
  const facts = { items: 2, events: counts, sessions: counts, trainingSessions: 4, diversity: () => 0 }
  for (const make of beyondMetrics) {
    expect(make(2, facts)!.name).toBe(`${make.kind}@2`)
    expect(make.unit).not.toBe('')
  }
})
