import { expect, test } from 'vitest'
import type { RunEvaluation } from '../runs/index.ts'
import { comparison } from './comparison.ts'
import type { NamedRun } from './sources.ts'

/** Every so many of the sessions have their ranks. */
const runOf = (label: string, every: number, values: readonly number[]): NamedRun => {
  const evaluation: RunEvaluation = {
    ...{ format: 1, evaluatedAt: '2024-01-01T00:00:00.000Z', items: 20 },
    sessions: (values.length - 1) * every + 1,
    figures: { 'ndcg@10': { mean: 0.5 } },
    ranks: { digest: '0123456789abcdef', every, values },
  }
  return { label, events: [], evaluation } as unknown as NamedRun
}

test.each([
  [1, false],
  [2, true],
])('of ranks of each %dth session the page says what the figures are of: %s', (every, isSaid) => {
  const [section] = comparison([runOf('a', every, [1, 2, 3]), runOf('b', every, [2, 2, 4])])
  const [table] = section!.blocks.flatMap((block) => (block.kind === 'table' ? [block.table] : []))
  expect(table!.rows).toHaveLength(1)
  expect(table!.notes!.some((note) => note.includes(`each ${every}th`))).toBe(isSaid)
})
