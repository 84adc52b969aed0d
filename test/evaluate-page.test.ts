import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { sliceNames } from '../src/evaluate/slices/index.ts'
import * as metrics from '../src/metrics/index.ts'

const { beyond, rankingMetrics } = metrics
const page = readFileSync(new URL('../docs/evaluate.md', import.meta.url), 'utf8')
/** What the first cells of all rows of tables name. */
const named = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .flatMap((line) => [...line.split(' | ')[0]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!))

it.each([
  ['ranking metric', rankingMetrics.map((make) => `${make(1).kind}@k`)],
  ['metric beyond accuracy', beyond.beyondMetrics.map(({ kind }) => `${kind}@k`)],
  ['slicing', sliceNames],
])('docs/evaluate.md has a row of every %s, and one alone', (_, names) => {
  expect(named.filter((name) => (names as readonly string[]).includes(name)).sort()).toEqual(
    [...names].sort(),
  )
})

it('docs/evaluate.md has no metric that is none', () => {
  const known = [...rankingMetrics.map((make) => make(1)), ...beyond.beyondMetrics]
  expect(named.filter((name) => name.endsWith('@k')).sort()).toEqual(
    known.map(({ kind }) => `${kind}@k`).sort(),
  )
})

it('every ranking metric is exported, for use by itself', () => {
  const exported: readonly unknown[] = Object.values(metrics)
  expect(rankingMetrics.filter((make) => !exported.includes(make)).map((make) => make(1).kind)).toEqual([])
})
