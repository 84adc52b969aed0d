import { describe, expect, test } from 'vitest'
import { activationRows } from './activation-rows.test-support.ts'
import * as activation from './activation.ts'
import { checkOperator, type OperatorRow } from './check-operator.test-support.ts'
import { elementwiseRows } from './elementwise-rows.test-support.ts'
import * as elementwise from './elementwise.ts'
import { generateRows } from './generate-rows.test-support.ts'
import * as generate from './generate.ts'
import { layoutRows } from './layout-rows.test-support.ts'
import * as layout from './layout.ts'
import { normalizeRows } from './normalize-rows.test-support.ts'
import * as normalize from './normalize.ts'
import { productRows } from './product-rows.test-support.ts'
import * as product from './product.ts'
import { reductionRows } from './reduce-rows.test-support.ts'
import * as reduce from './reduce.ts'
import { scanRows } from './scan-rows.test-support.ts'
import * as scan from './scan.ts'
import { selectRows } from './select-rows.test-support.ts'
import * as select from './select.ts'

const families: readonly (readonly [string, object, readonly OperatorRow[]])[] = [
  ['elementwise', elementwise, elementwiseRows],
  ['layout', layout, layoutRows],
  ['generate', generate, generateRows],
  ['reduce', reduce, reductionRows],
  ['product', product, productRows],
  ['normalize', normalize, normalizeRows],
  ['activation', activation, activationRows],
  ['scan', scan, scanRows],
  ['select', select, selectRows],
]

/** Exported beside the operators, and no operators themselves. */
const questions = ['sameType', 'scatteredRows']

describe.each(families)('%s', (_, exported, rows) => {
  test('every operator has a row', () => {
    const operators = Object.keys(exported).filter((name) => !questions.includes(name))
    expect([...new Set(rows.map((row) => row.name))].sort()).toEqual(operators.sort())
  })

  test.each(
    rows.map((row) => [row.variant === undefined ? row.name : `${row.name}: ${row.variant}`, row] as const),
  )('%s', async (_, row) => {
    await checkOperator(row)
  })
})
