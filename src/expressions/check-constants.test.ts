import { describe, expect, test } from 'vitest'
import { EnsuiteError } from '../errors.ts'
import { workflow } from '../workflow/workflow.ts'
import * as e from './build.ts'
import { fromJson, node, toJson, type Expression } from './expression.ts'
import { operators } from './operators/index.ts'

const text = e.column('text', 'text')
const other = e.column('other', 'text')
const x = e.column('x', 'number')
const flag = e.column('flag', 'boolean')
const left = { a: { f: 1 } }
const table = { keys: [['a']], values: [1] }

function refusal(body: () => unknown): string {
  try {
    body()
  } catch (error) {
    if (error instanceof EnsuiteError && error.code === 'OPTION_INVALID') return error.message
    throw error
  }
  return 'nothing was thrown'
}

/** By the name of a builder, calls with a constant where a column is meant. */
const refused: Readonly<Record<string, readonly (() => unknown)[]>> = {
  add: [() => e.add(1, 2)],
  subtract: [() => e.subtract(1, 2)],
  multiply: [() => e.multiply(1, 2)],
  divide: [() => e.divide(1, 2)],
  floor: [() => e.floor(1), () => e.floor('x')],
  absolute: [() => e.absolute(1)],
  log: [() => e.log('price')],
  squareRoot: [() => e.squareRoot(1)],
  clip: [() => e.clip(1, { min: 0 })],
  bucketize: [() => e.bucketize(1, [0])],
  equal: [() => e.equal('brand', 'acme')],
  less: [() => e.less('price', 3)],
  lessOrEqual: [() => e.lessOrEqual(1, 2)],
  greater: [() => e.greater(1, 2)],
  greaterOrEqual: [() => e.greaterOrEqual('price', 2)],
  and: [() => e.and(true, false)],
  or: [() => e.or(true, false)],
  not: [() => e.not(true)],
  isMissing: [() => e.isMissing('brand')],
  present: [() => e.present('brand')],
  choose: [() => e.choose(true, 'a', 'b')],
  onlyWhere: [() => e.onlyWhere('brand', true)],
  fillMissing: [() => e.fillMissing('brand', 'none'), () => e.fillMissing('brand', text)],
  fillMedian: [() => e.fillMedian('price')],
  toText: [() => e.toText(1)],
  toNumber: [() => e.toNumber('price')],
  part: [() => e.part('genres', { separator: '|', index: 0 })],
  severalValues: [() => e.severalValues('genre', 'genres', { separator: '|', most: 2 })],
  hour: [() => e.hour('ts')],
  weekday: [() => e.weekday('ts')],
  day: [() => e.day('ts')],
  cyclicSine: [() => e.cyclicSine(1, 24)],
  cyclicCosine: [() => e.cyclicCosine(1, 24)],
  javascript: [() => e.javascript('f', ['brand'], { type: 'number' })],
  hashBucket: [() => e.hashBucket('brand', 9), () => e.hashBucket([text, 'brand'], 9)],
  categorify: [() => e.categorify('brand'), () => e.categorify(['brand', text])],
  jointly: [() => e.jointly(['brand', 'category']), () => e.jointly([text, 'category'])],
  normalize: [() => e.normalize('price')],
  minMax: [() => e.minMax(1)],
  groupStatistic: [
    () => e.groupStatistic(x, { by: 'category', statistic: 'mean' }),
    () => e.groupStatistic(x, { by: [text, 'category'], statistic: 'count' }),
    () => e.groupStatistic(1, { by: 'category', statistic: 'count' }),
    () => e.groupStatistic('price', { by: text, statistic: 'mean' }),
  ],
  targetEncode: [
    () => e.targetEncode(1, { by: text, fold: other }),
    () => e.targetEncode(x, { by: 'brand', fold: other }),
    () => e.targetEncode(x, { by: text, fold: 'session' }),
  ],
  lookup: [() => e.lookup('brand', table)],
  recencyDays: [() => e.recencyDays('ts', 'item'), () => e.recencyDays(x, 'item')],
  relativeTo: [() => e.relativeTo(x, 'category'), () => e.relativeTo('price', text)],
  lag: [() => e.lag('price')],
  difference: [() => e.difference('price')],
  seenBefore: [() => e.seenBefore('item')],
  first: [() => e.first('item')],
  sinceLast: [() => e.sinceLast('ts')],
  repeatsLast: [() => e.repeatsLast('item')],
  firstPresent: [() => e.firstPresent('item')],
  lastPresent: [() => e.lastPresent('item')],
  sessionCount: [() => e.sessionCount('item'), () => e.sessionCount(true)],
  sessionSum: [() => e.sessionSum('price')],
  sessionMean: [() => e.sessionMean('price')],
  sessionMin: [() => e.sessionMin(1)],
  sessionMax: [() => e.sessionMax(1)],
  sessionDistinct: [() => e.sessionDistinct('item')],
  sessionMedian: [() => e.sessionMedian(1)],
  sessionVariance: [() => e.sessionVariance('price')],
  sessionDeviation: [() => e.sessionDeviation('price')],
  recentCount: [
    () => e.recentCount('ts', { by: text, windowMs: 1 }),
    () => e.recentCount(x, { by: 'item', windowMs: 1 }),
  ],
  similarity: [() => e.similarity('item', text, { left }), () => e.similarity(text, 'item', { left })],
}

describe('a constant where a column is meant', () => {
  test('every builder is in the table, but those that take names of columns, or nothing', () => {
    const others = ['column', 'position', 'category', 'continuous']
    const missing = Object.keys(e).filter((name) => !(name in refused) && !others.includes(name))
    expect(missing, 'Add calls with a constant in place of a column to `refused` above.').toEqual([])
  })

  test.each(Object.entries(refused))('%s', (_, calls) => {
    for (const call of calls)
      expect(refusal(call), String(call)).toMatch(
        /expects a value of each event, received the constant (text '|number \d|boolean )/,
      )
  })

  test('the message says how columns are named', () => {
    expect(refusal(() => e.groupStatistic(x, { by: 'category', statistic: 'mean' }))).toBe(
      "'groupStatistic' expects a value of each event, received the constant text 'category'. Columns are named with column('category', 'text').",
    )
    expect(refusal(() => e.floor(5))).toBe(
      "'floor' expects a value of each event, received the constant number 5. Columns are named with column('price', 'number').",
    )
    expect(refusal(() => e.lag('it is '.repeat(99))).length).toBeLessThan(300)
  })

  test('every operator refuses constants alone, also from a file', () => {
    const literals = [1, 'a', true].map((value) => toJson(node('literal', [], { value })))
    for (const { name } of operators)
      for (const literal of literals)
        for (const count of [1, 2, 3]) {
          if (name === 'sessionCount' && literal.options!['value'] === 1) continue
          const inputs = Array.from({ length: count }, () => literal)
          const message = refusal(() => fromJson({ op: name, inputs, options: {} }))
          if (name !== 'column' && name !== 'literal' && name !== 'position')
            expect(message).toMatch(/received the constant/)
        }
  })
})

test('constants beside what varies are what they say', () => {
  const trees: readonly Expression[] = [
    e.add(x, 1),
    e.subtract(1, x),
    e.equal(text, 'a'),
    e.equal('a', text),
    e.fillMissing(text, 'none'),
    e.choose(flag, 'yes', 'no'),
    e.onlyWhere(1, flag),
    e.and(flag, true),
    e.javascript('f', [x, 'unit'], { type: 'number' }),
    e.groupStatistic(1, { by: text, statistic: 'count' }),
    e.sessionCount(),
    e.sessionCount(1),
  ]
  for (const tree of trees) expect(fromJson(toJson(tree))).toEqual(tree)
})

test('a feature, a value of a session and a step are no constants', () => {
  const features = { text }
  expect(refusal(() => workflow({ session: 's', features: { brand: 'category' } }))).toBe(
    "Feature 'brand' expects a value of each event, received the constant text 'category'. Columns are named with column('category', 'text').",
  )
  expect(refusal(() => workflow({ session: 's', features, context: { one: 1 } }))).toMatch(
    /Feature 'one' expects .* constant number 1/,
  )
  const keep = true as unknown as Expression
  expect(refusal(() => workflow({ session: 's', features, steps: [{ keep }] }))).toMatch(
    /A step's keep expects .* constant boolean true/,
  )
})
