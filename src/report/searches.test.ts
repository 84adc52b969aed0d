import { expect, test } from 'vitest'
import { searches } from './searches.ts'

test('of more trials than are drawn those stay where the best changes', () => {
  // 3001 are thinned to every fourth and the last: the records, at 2, 1003 and 2002, are none of these.
  const records = Array.from({ length: 3001 }, (_, at) => ({
    ...{ trial: at + 1, budget: 1, settings: { rate: 0.5 }, seconds: 1 },
    value: at === 2 ? 1 : at === 1003 ? 2 : at === 2002 ? 3 : 0,
  }))
  const [section] = searches([
    {
      ...{ label: 'large', folder: 'large', trials: 3001, budget: 1, direction: 'higher', seed: 1, records },
      ...{ space: { rate: { from: 0, to: 1 } }, search: { kind: 'random' } },
    },
  ])
  const order = section!.blocks.flatMap((block) => (block.kind === 'chart' ? [block.chart] : []))[0]!
  expect(order.rows.filter(({ mark }) => mark !== undefined).map(({ x, y }) => [x, y])).toEqual([
    [1, 0],
    [3, 1],
    [1004, 2],
    [2003, 3],
  ])
  expect(order.rows.map(({ x }) => x)).toEqual(order.rows.map(({ x }) => x).toSorted((a, b) => +a - +b))
  expect(order.notes).toContainEqual(expect.stringContaining(`${order.rows.length} of 3001 points`))
})
