import { expect, test } from 'vitest'
import type { Figures } from './data/read-back.ts'
import { someFigures } from './figures.test-support.ts'
import { preparedRows, preparedTable, type Turns } from './prepare-report.ts'
import { pythonPreparer } from './preparers.ts'

const turns = (totals: readonly number[], own: Partial<Figures> = {}): Turns => ({
  preparer: pythonPreparer('pandas', 'python'),
  lines: totals.map((total) => ({ seconds: {}, total, peakMegabytes: 100 * total })),
  figures: totals.map(() => ({ ...someFigures, ...own })),
})

test('seconds, memory and ratios of those that made the same sessions, and of others', () => {
  const rows = preparedRows([
    turns([2, 4, 3]),
    turns([6, 9]),
    turns([1], { sessions: 9 }),
    { ...turns([]), failed: 'out of memory' },
  ])
  expect(rows.map(({ agrees }) => agrees)).toEqual([true, true, false, false])
  expect(rows.map(({ medianSeconds }) => medianSeconds)).toEqual([3, 7.5, 1, undefined])
  expect(rows.map(({ timesOurs }) => timesOurs)).toEqual([1, 2.5, 1 / 3, undefined])
  expect(rows[2]!.differences).toEqual(['sessions 9, ours 10'])
  const cells = preparedTable(rows)
    .split('\n')
    .filter((line) => line.includes('pandas'))
    .map((line) => line.split('│').map((cell) => cell.trim()))
  expect(cells[1]!.slice(2, -1)).toEqual(['6.0, 9.0', '7.5', '900', '2.50 ×', 'yes'])
  expect(cells.map((row) => row.at(-2))).toEqual(['yes', 'yes', 'NO', 'failed'])
})

test('where ours fails, nothing agrees with it', () => {
  const rows = preparedRows([{ ...turns([]), failed: 'killed' }, turns([1])])
  expect(rows.map(({ agrees, timesOurs }) => [agrees, timesOurs])).toEqual([
    [false, undefined],
    [false, undefined],
  ])
})
