import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../errors.ts'
import { temporaryFolder } from '../../events/test-files.test-support.ts'
import { withTypedEvents, type TypedColumn } from '../../events/typed-events.ts'
import * as e from '../build.ts'
import { compileSql } from '../compile-sql.ts'
import { numberPattern } from '../dialect.ts'
import { duckdb } from '../duckdb.ts'
import { evaluate } from '../evaluate.ts'
import { fromJson, toJson, type Expression } from '../expression.ts'
import { engineFunctions, type Functions } from '../functions.ts'
import { columnsOf, planOf } from '../plan.ts'
import { timePattern } from '../time-text.ts'
import type { Value } from '../value.ts'
import { flag, of, other, text, x, y, type RowEvent } from './check-operators.test-support.ts'

/** Functions are given to the engine and to the evaluation here, and not to a workflow. */

const folder = temporaryFolder()
let files = 0

async function offline(
  tree: Expression,
  events: readonly RowEvent[],
  functions: Functions,
): Promise<readonly Value[]> {
  const path = folder.write(`${files++}.jsonl`, events.map((event) => JSON.stringify(event)).join('\n'))
  const plan = planOf([tree])
  const columns = columnsOf(plan) as readonly TypedColumn[]
  const options = {
    spelling: { number: numberPattern, time: timePattern },
    functions: engineFunctions([tree], functions),
  }
  return withTypedEvents({ path }, columns, options, async (database) => {
    const { from, value } = compileSql(plan, plan.roots, {
      dialect: duckdb,
      from: '(SELECT rowid AS row, 0 AS session, * FROM events)',
      column: (name) => `c${columns.findIndex((column) => column.name === name)}`,
      window: { partition: 'session', order: 'row' },
      states: new Map(),
      table: () => '',
      training: false,
    })
    const rows = await database.rows(
      `SELECT CAST(to_json({v: ${value(plan.roots[0]!)}}) AS VARCHAR) AS row FROM ${from} AS s ORDER BY s.row`,
    )
    return rows.map(({ row }) => (JSON.parse(row!) as { readonly v: Value }).v)
  })
}

function online(tree: Expression, events: readonly RowEvent[], functions: Functions): readonly Value[] {
  return evaluate(planOf([tree]), {
    events: events.length,
    column: (name) => events.map((event) => event[name] ?? null),
    states: new Map(),
    past: () => ({ count: () => 0 }),
    functions,
  })[0]!
}

const functions = {
  half: (one: number | null) => (one === null ? -1 : one / 2),
  join: (one: string | null, two: string | null) => (one === null && two === null ? null : `${one}|${two}`),
  Join: (one: string | null) => one?.toUpperCase() ?? '',
  all: (...values: readonly Value[]) => values.every((value) => value !== null),
  types: (...values: readonly Value[]) => values.map((value) => typeof value).join(),
  zero: () => -0,
} satisfies Functions

/** A name an operator's input: values by column, the tree, and what it is for each event. */
const rows: readonly (readonly [string, Expression, readonly RowEvent[], readonly Value[]])[] = [
  [
    'of a number; what is missing is given, too',
    e.javascript('half', [x], { type: 'number' }),
    of({ x: [3, null, 1e308, 5e-324] }),
    [1.5, -1, 5e307, 0],
  ],
  [
    'of texts, which may be any',
    e.javascript('join', [text, other], { type: 'text' }),
    of({ text: ['a', null, '\u{1f600}', 'a\0b', "it's"], other: ['b', null, null, '日本', '"'] }),
    ['a|b', null, '\u{1f600}|null', 'a\0b|日本', `it's|"`],
  ],
  [
    'of a name that differs in letter case alone; an empty text is a text',
    e.javascript('Join', [text], { type: 'text' }),
    of({ text: ['a', null] }),
    ['A', ''],
  ],
  [
    'of all types together, as truth value',
    e.javascript('all', [text, x, flag], { type: 'boolean' }),
    of({ text: ['a', 'a', null], x: [1, 1, 1], flag: [false, null, true] }),
    [true, false, false],
  ],
  [
    'of what is computed, and of literals: each has its own type',
    e.javascript('types', [e.bucketize(x, [0]), e.position(), e.less(x, 1), 'a', 7, true], { type: 'text' }),
    of({ x: [0, -1] }),
    ['number,number,boolean,string,number,boolean', 'number,number,boolean,string,number,boolean'],
  ],
  [
    'within others: −0 is 0',
    e.equal(e.divide(1, e.add(e.javascript('zero', [x], { type: 'number' }), 0.5)), 2),
    of({ x: [1] }),
    [true],
  ],
  [
    'twice, with inputs and results of other types',
    e.and(
      e.javascript('all', [x], { type: 'boolean' }),
      e.javascript('all', [e.javascript('types', [x], { type: 'text' })], { type: 'boolean' }),
    ),
    of({ x: [1, null] }),
    [true, false],
  ],
]

test.each(rows)('%s', async (_, tree, events, expected) => {
  const saved = fromJson(JSON.parse(JSON.stringify(toJson(tree))))
  const own = Object.fromEntries(
    Object.entries(functions).filter(([name]) => JSON.stringify(toJson(tree)).includes(`"name":"${name}"`)),
  )
  expect(await offline(saved, events, own)).toEqual(expected)
  expect(online(saved, events, own)).toEqual(expected)
})

test('offline and online agree', async () => {
  const mix = (one: string | null, two: number | null, three: boolean | null): string | null =>
    three === true ? one : two === null ? null : `${two} ${one?.normalize('NFD') ?? ''}`
  const tree = e.javascript('mix', [text, x, flag], { type: 'text' })
  const events = fc.array(
    fc.record({
      text: fc.oneof(
        fc.string({ unit: 'grapheme', minLength: 1 }).filter((each) => !each.includes('\0')),
        fc.constant(null),
      ),
      x: fc.oneof(
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0),
        fc.constant(null),
      ),
      flag: fc.constantFrom(true, false, null),
    }),
    { minLength: 1, maxLength: 50 },
  )
  await fc.assert(
    fc.asyncProperty(events, async (own) => {
      expect(await offline(tree, own, { mix })).toEqual(online(tree, own, { mix }))
    }),
    { numRuns: 25 },
  )
})

test('more events than an engine takes at once, on all its threads', async () => {
  const tree = e.javascript('half', [x], { type: 'number' })
  const events = Array.from({ length: 150_000 }, (_, at) => ({ x: at }))
  expect(await offline(tree, events, { half: functions.half })).toEqual(events.map((event) => event.x / 2))
}, 30_000)

describe('what a function may not do', () => {
  const refused: readonly (readonly [string, 'number' | 'text' | 'boolean', () => unknown, RegExp])[] = [
    ['not finite', 'number', () => NaN, /Function 'f' gave NaN for \(1, "a"\)/],
    ['infinite', 'number', () => -Infinity, /gave -Infinity/],
    ['nothing', 'number', () => undefined, /gave undefined.*a finite number, or null/],
    ['another type', 'number', () => '1', /gave "1"/],
    ['a large integer', 'number', () => 1n, /gave 1n/],
    ['a number as text', 'text', () => 1, /gave 1 .*a text, or null/],
    ['half a character', 'text', () => '\ud800', /a text, or null/],
    ['a truth value as number', 'boolean', () => 1, /gave 1 .*true or false/],
    ['a promise', 'number', () => Promise.resolve(1), /gave a promise/],
    [
      'an error',
      'number',
      () => {
        throw new TypeError('no such thing')
      },
      /Function 'f' threw 'no such thing' for \(1, "a"\)/,
    ],
    [
      'something that is no error',
      'text',
      () => {
        throw 'out of range' as unknown as Error
      },
      /threw '"out of range"'/,
    ],
  ]

  test.each(refused)('%s', async (_, type, f, message) => {
    const tree = e.javascript('f', [x, text], { type })
    const events = of({ x: [1], text: ['a'] })
    const own = { f } as unknown as Functions
    const error = {
      code: 'FUNCTION_FAILED' satisfies ErrorCode,
      message: expect.stringMatching(message) as string,
    }
    await expect(offline(tree, events, own)).rejects.toMatchObject(error)
    expect(() => online(tree, events, own)).toThrow(expect.objectContaining(error))
  })
})

describe('functions are given by name', () => {
  const tree = e.add(e.javascript('half', [x], { type: 'number' }), y)

  test.each([
    ['none', undefined, /expects a function 'half'.*received none/],
    ['another', { hlaf: () => 1 }, /Did you mean 'hlaf'/],
    ['no function', { half: 5 }, /received 5/],
    ['what every object has', Object.create({ half: () => 1 }), /received none/],
  ])('%s', (_, own, message) => {
    const error = { code: 'FUNCTION_MISSING', message: expect.stringMatching(message) as string }
    expect(() => engineFunctions([tree], own as Functions)).toThrow(expect.objectContaining(error))
    expect(() => online(tree, of({ x: [1] }), (own ?? {}) as Functions)).toThrow(
      expect.objectContaining(error),
    )
  })

  test('one that nothing calls', () => {
    expect(() => engineFunctions([x], { half: functions.half })).toThrow(
      expect.objectContaining({ code: 'OPTION_UNKNOWN' }),
    )
  })
})
