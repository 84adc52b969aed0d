import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EnsuiteError } from '../errors.ts'
import * as e from './build.ts'
import {
  checkSize,
  fromJson,
  node,
  toExpression,
  toJson,
  type Expression,
  type Operand,
} from './expression.ts'
import { operators } from './operators/index.ts'

const x = e.column('x', 'number')

/** The code and message of what a call throws; anything else is a failure. */
function refusal(body: () => unknown): readonly [string, string] {
  try {
    body()
  } catch (error) {
    if (error instanceof EnsuiteError) return [error.code, error.message]
    throw error
  }
  throw new Error('Nothing was thrown.')
}

function nested(depth: number): Expression {
  let tree: Expression = x
  for (let level = 1; level < depth; level++) tree = e.floor(tree)
  return tree
}

/** JSON's parser has no limit of depth. */
const deep = (open: string, middle: string, close: string, depth: number): unknown =>
  JSON.parse(open.repeat(depth) + middle + close.repeat(depth))

describe('fromJson', () => {
  test('gives back what toJson wrote, types and all', () => {
    const tree = e.targetEncode(e.log(x), {
      by: [e.column('a', 'text'), e.choose(e.column('b', 'boolean'), "it's", 'b')],
      fold: e.toText(e.hour(e.column('t', 'time'), { timeZone: 'Europe/Berlin' })),
      folds: 5,
    })
    const json: unknown = JSON.parse(JSON.stringify(toJson(tree)))
    expect(fromJson(json)).toEqual(tree)
    expect(toJson(fromJson(json))).toEqual(json)
  })

  test('a tree is read up to 200 deep and no deeper', () => {
    expect(fromJson(JSON.parse(JSON.stringify(toJson(nested(200)))))).toEqual(nested(200))
    expect(refusal(() => fromJson(toJson(nested(201))))[0]).toBe('OPTION_INVALID')
  })

  test.each<readonly [string, unknown, string, RegExp]>([
    ['nothing', undefined, 'OPTION_INVALID', /received undefined/],
    ['null', null, 'OPTION_INVALID', /received null/],
    ['a number', 5, 'OPTION_INVALID', /received 5/],
    ['a text', 'add', 'OPTION_INVALID', /received "add"/],
    ['a list', [{ op: 'position' }], 'OPTION_INVALID', /\{ op, inputs, options \}/],
    ['no op', { inputs: [] }, 'OPTION_INVALID', /received \{"inputs"/],
    ['an op that is no text', { op: ['add'] }, 'OPTION_INVALID', /\{ op, inputs, options \}/],
    ['an op that there is not', { op: 'divid', inputs: [] }, 'OPTION_UNKNOWN', /Did you mean 'divide'/],
    ['the name of a method', { op: 'toString' }, 'OPTION_UNKNOWN', /There is no operator/],
    ['the name of the prototype', { op: '__proto__' }, 'OPTION_UNKNOWN', /There is no operator/],
    ['a very long op', { op: 'x'.repeat(1e6) }, 'OPTION_UNKNOWN', /^.{0,1000}$/],
    ['a key that there is not', { op: 'position', input: [] }, 'OPTION_UNKNOWN', /Did you mean 'inputs'/],
    [
      'a key __proto__',
      JSON.parse('{"op":"position","__proto__":{"options":{}}}'),
      'OPTION_UNKNOWN',
      /__proto__/,
    ],
    ['inputs that are no list', { op: 'floor', inputs: { 0: {} } }, 'OPTION_INVALID', /inputs are a list/],
    ['inputs that are null', { op: 'floor', inputs: null }, 'OPTION_INVALID', /inputs are a list/],
    ['an input that is null', { op: 'floor', inputs: [null] }, 'OPTION_INVALID', /received null/],
    ['an input that is a number', { op: 'floor', inputs: [1] }, 'OPTION_INVALID', /received 1/],
    ['options that are a list', { op: 'position', options: [] }, 'OPTION_INVALID', /options an object/],
    ['options that are null', { op: 'position', options: null }, 'OPTION_INVALID', /options an object/],
    [
      'an option __proto__',
      JSON.parse('{"op":"position","options":{"__proto__":{"shift":1}}}'),
      'OPTION_UNKNOWN',
      /__proto__/,
    ],
    [
      'an option constructor',
      { op: 'position', options: { constructor: 1 } },
      'OPTION_UNKNOWN',
      /constructor/,
    ],
    [
      'inputs of another type',
      { op: 'floor', inputs: [{ op: 'column', options: { name: 'a', type: 'text' } }] },
      'OPTION_INVALID',
      /\(number\), received \(text\)/,
    ],
    [
      'a literal that is null',
      { op: 'literal', options: { value: null } },
      'OPTION_INVALID',
      /received null/,
    ],
    [
      'a literal that is an object',
      { op: 'literal', options: { value: {} } },
      'OPTION_INVALID',
      /received \{\}/,
    ],
    ['a deep tree', deep('{"op":"floor","inputs":[', '', ']}', 100_000), 'OPTION_INVALID', /200 deep/],
    ['a deep list', deep('[', '', ']', 100_000), 'OPTION_INVALID', /cannot be shown/],
    [
      'a deep option',
      { op: 'literal', options: { value: deep('[', '', ']', 100_000) } },
      'OPTION_INVALID',
      /cannot be shown/,
    ],
    [
      'a long option',
      { op: 'bucketize', inputs: [toJson(x)], options: { boundaries: Array(1e5).fill(1) } },
      'OPTION_INVALID',
      /^.{0,300}$/,
    ],
  ])('%s', (_, json, code, message) => {
    const [received, says] = refusal(() => fromJson(json))
    expect(received).toBe(code)
    expect(says).toMatch(message)
  })

  test('too many nodes', () => {
    const wide = (depth: number): unknown =>
      depth === 0 ? { op: 'position' } : { op: 'add', inputs: [wide(depth - 1), wide(depth - 1)] }
    expect(fromJson(wide(12)).type).toBe('number')
    const [code, message] = refusal(() => fromJson(wide(13)))
    expect(code).toBe('OPTION_INVALID')
    expect(message).toMatch(/10000 nodes/)
  })

  test('nothing but a coded error comes of any JSON', () => {
    const names = operators.map(({ name }) => name)
    const anything = fc.jsonValue({ maxDepth: 3 })
    const { tree } = fc.letrec((tie) => ({
      tree: fc.record(
        {
          op: fc.oneof(fc.constantFrom(...names), anything),
          inputs: fc.oneof(fc.array(tie('tree'), { maxLength: 3 }), anything),
          options: fc.oneof(
            fc.dictionary(
              fc.constantFrom(
                'name',
                'type',
                'value',
                'shift',
                'buckets',
                'timeZone',
                'keys',
                'values',
                '__proto__',
              ),
              anything,
            ),
            anything,
          ),
        },
        { requiredKeys: ['op'] },
      ),
    }))
    fc.assert(
      fc.property(tree, (json) => {
        try {
          expect(toJson(fromJson(json))).toEqual(
            toJson(fromJson(JSON.parse(JSON.stringify(toJson(fromJson(json)))))),
          )
        } catch (error) {
          if (!(error instanceof EnsuiteError)) throw error
          expect(error.code).toMatch(/^OPTION/)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('toExpression', () => {
  test('plain values are literals', () => {
    for (const value of [0, -1.5, 'a', '', true])
      expect(toExpression(value)).toEqual(node('literal', [], { value }))
  })

  test.each([
    NaN,
    Infinity,
    -Infinity,
    null,
    undefined,
    {},
    [],
    [x],
    () => 1,
    Symbol('x'),
    5n,
    new Date(0),
    '\ud800',
    { op: 'position' },
  ])('%s', (value) => {
    expect(refusal(() => toExpression(value as Operand))[0]).toBe('OPTION_INVALID')
  })
})

test('options are in one order, and what is left out is not there', () => {
  const json = (options: object): string => JSON.stringify(node('clip', [x], options as { min: number }))
  expect(json({ max: 2, min: 1 })).toBe(json({ min: 1, max: 2 }))
  expect(node('clip', [x], { min: 1, max: undefined } as object as { min: number })).toStrictEqual(
    node('clip', [x], { min: 1 }),
  )
})

test('nodes cannot be altered', () => {
  const tree = e.clip(x, { min: 1 })
  expect(() => ((tree as { op: string }).op = 'floor')).toThrow(TypeError)
  expect(() => ((tree.options as { min: number }).min = 2)).toThrow(TypeError)
  expect(() => (tree.inputs as Expression[]).push(x)).toThrow(TypeError)
})

test('a tree that could not be read again is refused, however it shares its parts', () => {
  let shared: Expression = x
  for (let level = 0; level < 12; level++) shared = e.add(shared, shared)
  checkSize(shared)
  for (let level = 0; level < 100; level++) shared = e.add(shared, shared)
  expect(refusal(() => checkSize(shared))[0]).toBe('OPTION_INVALID')
  const lags = (depth: number): Expression =>
    Array.from({ length: depth }).reduce<Expression>((inner) => e.lag(inner), e.column('x', 'number'))
  checkSize(lags(16))
  expect(refusal(() => checkSize(e.add(lags(17), 1)))).toEqual([
    'OPTION_INVALID',
    expect.stringMatching(/at most 16 stand inside of each other/),
  ])
  checkSize(nested(200))
  expect(refusal(() => checkSize(nested(201)))[0]).toBe('OPTION_INVALID')
  expect(refusal(() => checkSize(nested(100_000)))[0]).toBe('OPTION_INVALID')
})
