import { expect, test } from 'vitest'
import type { RunEvent } from '../runs/index.ts'
import type { NamedRun } from './sources.ts'
import { windows } from './windows.ts'

/** A run over one window with so many metrics. */
const runOf = (metrics: number): NamedRun => {
  const window: RunEvent = {
    ...{ kind: 'window', time: '2024-01-01T00:00:00.000Z', update: 1, window: 'first' },
    ...{ tested: 1, updates: 1, seconds: 1 },
    metrics: Object.fromEntries(Array.from({ length: metrics }, (_, at) => [`metric ${at}`, at])),
  }
  return { label: 'run', events: [window] } as unknown as NamedRun
}

test('metrics that are not drawn are counted', () => {
  const notesOf = (metrics: number): readonly string[] =>
    windows([runOf(metrics)])[0]!.blocks.flatMap((block) => (block.kind === 'note' ? [block.text] : []))
  // Two are shown and 40 folded away.
  expect(notesOf(60)).toEqual(['18 more metrics are not drawn: the table has their means.'])
  expect(notesOf(42)).toEqual([])
})
