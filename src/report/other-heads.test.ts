import { expect, test } from 'vitest'
import { otherHeads } from './other-heads.ts'
import type { NamedRun } from './sources.ts'

const runOf = (label: string, heads: unknown): NamedRun =>
  ({ label, events: [], evaluation: { heads } }) as unknown as NamedRun

test('heads stand beside their constants; those of another form are shown as they are', () => {
  const clicked = {
    ...{ kind: 'binary', target: 'clicked', targets: 50, missing: 0 },
    ...{ metrics: { auc: 0.7, logLoss: 0.5 }, constant: { logLoss: 0.6 } },
    gain: { mean: 0.1, standardError: 0.02 },
  }
  const [section] = otherHeads([
    runOf('a', { clicked }),
    runOf('b', { clicked: { anything: 1 } }),
    runOf('c', undefined),
  ])
  const tables = section!.blocks.flatMap((block) => (block.kind === 'table' ? [block.table] : []))
  expect(tables.map(({ rows }) => rows)).toEqual([
    [
      ['a', 'clicked', 'clicked (binary)', 50, 'auc', 0.7, undefined, '0.1 ± 0.02'],
      ['a', 'clicked', 'clicked (binary)', 50, 'logLoss', 0.5, 0.6, undefined],
    ],
  ])
  expect(section!.blocks.at(-1)).toMatchObject({ kind: 'json', title: 'Heads of b, of another form' })
  expect(otherHeads([runOf('c', undefined)])).toEqual([])
})
