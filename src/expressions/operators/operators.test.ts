import { beforeAll, describe, expect, test } from 'vitest'
import { EnsuiteError } from '../../errors.ts'
import * as builders from '../build.ts'
import { node, operatorOf } from '../expression.ts'
import { planOf } from '../plan.ts'
import { arithmeticRows } from './arithmetic-rows.test-support.ts'
import { badCalls, badRows } from './bad-rows.test-support.ts'
import { calendarRows } from './calendar-rows.test-support.ts'
import { categoryRows } from './category-rows.test-support.ts'
import { of, runRows, x, type OperatorRow, type RowResults } from './check-operators.test-support.ts'
import { columnRows } from './column-rows.test-support.ts'
import { groupRows } from './group-rows.test-support.ts'
import { operators } from './index.ts'
import { javascriptRows } from './javascript-rows.test-support.ts'
import { logicRows } from './logic-rows.test-support.ts'
import { momentRows } from './moment-rows.test-support.ts'
import { sessionAggregateRows } from './session-aggregate-rows.test-support.ts'
import { sessionRows, streamRows } from './session-rows.test-support.ts'
import { similarityRows } from './similarity-rows.test-support.ts'
import { textRows } from './text-rows.test-support.ts'

const families: Readonly<Record<string, readonly OperatorRow[]>> = {
  logic: [...columnRows, ...logicRows],
  arithmetic: [...arithmeticRows, ...textRows],
  calendar: calendarRows,
  category: categoryRows,
  similarity: similarityRows,
  moment: momentRows,
  group: groupRows,
  session: [...sessionRows, ...streamRows],
  aggregate: sessionAggregateRows,
  javascript: javascriptRows,
}
const rows = Object.values(families).flat()

test('every operator has a row', () => {
  const covered = new Set(rows.map((row) => row.operator))
  const missing = operators.filter(({ name }) => !covered.has(name)).map(({ name }) => name)
  expect(missing, 'Add a row to a *-rows.test-support.ts beside this file.').toEqual([])
})

test('every operator that learns has a row whose fit is extended', () => {
  const covered = new Set(
    rows.flatMap(({ operator, extendOn }) => (extendOn === undefined ? [] : [operator])),
  )
  const nodes = planOf(rows.map(({ expression }) => expression)).nodes
  const learning = nodes.flatMap(({ operator, expression: { options } }) => {
    const fit = operator.scope === 'event' ? operator.fit : undefined
    return fit === undefined || fit.given?.(options) !== undefined ? [] : [operator.name]
  })
  const missing = [...new Set(learning)].filter((name) => !covered.has(name))
  expect(missing, 'Add a row with `extendOn` to a *-rows.test-support.ts beside this file.').toEqual([])
})

test('every function that users write features with has a row', () => {
  const covered = new Set(rows.flatMap(({ operator, builder }) => [operator, builder]))
  const missing = Object.keys(builders).filter((name) => !covered.has(name))
  expect(missing, 'Add a row with `builder` to a *-rows.test-support.ts beside this file.').toEqual([])
})

test('every row is about an operator that its expression has', () => {
  const odd = rows.filter(
    ({ operator, expression }) => !planOf([expression]).nodes.some((node) => node.operator.name === operator),
  )
  expect(odd.map(({ operator, name }) => `${operator}: ${name}`)).toEqual([])
})

test('a row that cannot be run is named', async () => {
  const events = of({ x: [1e308, -1e308] })
  const learnt = builders.normalize(x)
  const good: OperatorRow = { operator: 'add', name: 'good', expression: x, events, expected: [] }
  const bad: OperatorRow = { operator: 'normalize', name: 'bad', expression: learnt, events, expected: [] }
  await expect(runRows([good, bad, good], { extended: false })).rejects.toThrow(
    /The row 'normalize: bad' cannot be run: .*overflow/,
  )
})

const batches = Object.entries(families).flatMap(([family, all]) => {
  const [once, extended] = [false, true].map((each) =>
    all.filter((row) => (row.extendOn !== undefined) === each),
  ) as [OperatorRow[], OperatorRow[]]
  return [
    { name: family, own: once, extended: false },
    ...(extended.length > 0 ? [{ name: `${family}, extended`, own: extended, extended: true }] : []),
  ]
})

describe.each(batches)('$name', ({ own, extended }) => {
  let results: readonly RowResults[]
  beforeAll(async () => {
    results = await runRows(own, { extended })
  }, 60_000)

  test.each(own.map((row, at) => [`${row.operator}: ${row.name}`, row, at] as const))('%s', (_, row, at) => {
    const { offline, online, training, state } = results[at]!
    expect(offline, 'offline').toEqual(row.expected)
    expect(online, 'online').toEqual(row.expected)
    if (operatorOf(row.expression.op).whole === true)
      expect(
        online.filter((value) => value !== null && !Number.isInteger(value)),
        'whole',
      ).toEqual([])
    if (row.training !== undefined) expect(training, 'training').toEqual(row.training)
    if (row.state !== undefined) expect(state, 'state').toEqual(row.state)
  })
})

describe('bad inputs and options', () => {
  const refused = (body: () => unknown): EnsuiteError => {
    try {
      body()
    } catch (error) {
      if (error instanceof EnsuiteError) return error
      throw error
    }
    throw new Error('Nothing was thrown.')
  }

  test('every operator has some', () => {
    const covered = new Set(badRows.map((row) => row.operator))
    const missing = operators.filter(({ name }) => !covered.has(name)).map(({ name }) => name)
    expect(missing, 'Add rows to bad-rows.test-support.ts.').toEqual([])
  })

  test.each(operators.map(({ name }) => name))('%s', (name) => {
    for (const row of badRows.filter(({ operator }) => operator === name)) {
      const types = row.inputs.map((each) => (typeof each === 'object' ? each.type : typeof each))
      const what = `${name}(${types.join(', ')}) ${Object.keys(row.options ?? {}).join(', ')} ${String(row.message)}`
      const error = refused(() => node(name, row.inputs, row.options))
      expect(error.code, what).toBe(row.code)
      expect(error.message, what).toMatch(row.message)
      expect(error.message.length, what).toBeLessThan(300)
    }
  })

  test.each(Object.entries(badCalls))('%s', (_, call) => {
    expect(refused(call).code).toMatch(/^OPTION/)
  })
})
