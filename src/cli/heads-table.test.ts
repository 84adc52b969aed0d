import { expect, test } from 'vitest'
import { headLines, headsTable } from './heads-table.ts'

const price = { kind: 'regression', target: 'price', targets: 40, missing: 0 }
const compared = {
  price: {
    ...price,
    metrics: { rmse: 1234.5678, mae: 0.000012346 },
    constant: { rmse: 2000, r2: 0 },
    gain: { mean: 12.3456, standardError: 1 },
    beatsConstant: true,
  },
  'sale\u001b[31m': {
    ...{ kind: 'binary', target: 'sale', targets: 1, missing: 3, metrics: { logLoss: 0.5 } },
    ...{ constant: { logLoss: 0.25 }, beatsConstant: false },
  },
}

test('a row a metric, beside that of the constant; what cannot be told is empty', () => {
  const rows = headsTable(compared, { model: 'sasrec' })
    .split('\n')
    .filter((line) => line.includes('│'))
    .map((line) => line.split('│').slice(1, -1))
  expect(rows.map((row) => row.map((cell) => cell.trim()))).toEqual([
    ['', 'sasrec', 'constant'],
    ['price/rmse', '1235', '2000'],
    ['price/mae', '0.00001235', ''],
    ['price/r2', '', '0'],
    ['sale·[31m/logLoss', '0.5', '0.25'],
  ])
})

test('a line a head says how many targets there were, and whether it gains anything', () => {
  expect(headLines(compared).split('\n')).toEqual([
    'price: 40 targets, better than the constant (gain 12.35 ± 1 a target).',
    'sale·[31m: 1 targets, 3 more missing or unknown, not better than the constant.',
  ])
})

test('without constants there is no column of them', () => {
  const alone = { price: { ...price, metrics: { rmse: 1 } } }
  expect(headsTable(alone, { model: 'gpt2' })).not.toContain('constant')
  expect(headLines(alone)).toBe('price: 40 targets, beside no constant.')
})
