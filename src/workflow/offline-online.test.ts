import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { expressions, node, operators, planOf, type Expression, type Value } from '../expressions/index.ts'
import { statistics, type StatisticName } from '../expressions/operators/statistics.ts'
import { fittedWorkflowFromJson } from './fitted-workflow-from-json.ts'
import type { FittedWorkflow } from './fitted-workflow.ts'
import { workflow } from './workflow.ts'

/** Offline = online, value by value, over every operator: random events with missing, foreign and extreme values. */

const folder = mkdtempSync(join(tmpdir(), 'ensuite-offline-online-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The functions that features are written with, and which of them are used below. */
const used = new Set<string>()
const e = new Proxy(expressions, {
  get: (all, name: keyof typeof expressions) => {
    used.add(name)
    return all[name]
  },
})

const text = e.column('text', 'text')
const other = e.column('other', 'text')
const x = e.column('x', 'number')
const y = e.column('y', 'number')
/** Squares of the largest doubles overflow: what learns moments says so. */
const tame = e.clip(x, { min: -1e100, max: 1e100 })
const tameY = e.clip(y, { min: -1e100, max: 1e100 })
const flag = e.column('flag', 'boolean')
const time = e.column('time', 'time')
const zone = { timeZone: 'America/Sao_Paulo' }

const statisticNames = Object.keys(statistics) as readonly StatisticName[]
const sparse = e.choose(e.less(x, 0), text, e.column('sparse', 'text'))
const tags = e.column('tags', 'text')
const several = e.severalValues('tag', tags, { separator: '|', most: 3, minCount: 2, maxSize: 7, buckets: 2 })
const joint = e.jointly([text, other], { minCount: 2, buckets: 3 })

const features: Readonly<Record<string, Expression>> = {
  text,
  x,
  flag,
  time,
  add: e.add(x, y),
  subtract: e.subtract(x, 1e300),
  multiply: e.multiply(x, y),
  divide: e.divide(x, y),
  floor: e.floor(x),
  absolute: e.absolute(x),
  log: e.log(x),
  sine: e.cyclicSine(e.weekday(time, zone), 7),
  cosine: e.cyclicCosine(e.hour(time, zone), 24),
  day: e.day(time, zone),
  clip: e.clip(x, { min: -2.5, max: 7 }),
  clipLow: e.clip(x, { min: 0 }),
  bucketize: e.bucketize(x, [-1, 0, 0.5, 100]),
  equalText: e.equal(text, other),
  equalNumber: e.equal(x, y),
  less: e.less(x, y),
  lessOrEqual: e.lessOrEqual(x, y),
  greater: e.greater(x, y),
  greaterOrEqual: e.greaterOrEqual(x, y),
  squareRoot: e.squareRoot(x),
  and: e.and(flag, e.less(x, 1)),
  or: e.or(flag, e.less(x, 1)),
  not: e.not(flag),
  isMissing: e.isMissing(text),
  choose: e.choose(flag, text, other),
  onlyWhere: e.onlyWhere(x, flag),
  fillMissing: e.fillMissing(x, -1),
  fillMedian: e.fillMedian(x),
  toText: e.toText(x),
  toNumber: e.toNumber(text),
  part: e.part(tags, { separator: '|', index: 1 }),
  partLong: e.part(tags, { separator: 'aa', index: 0 }),
  partLast: e.part(tags, { separator: '.*', index: -1 }),
  partOfPart: e.part(e.part(tags, { separator: '\u{1f600}', index: -2 }), { separator: 'e', index: 1 }),
  ...several,
  hash: e.hashBucket(text, 7),
  cross: e.hashBucket([text, other], 1000),
  category: e.category('text'),
  categoryRare: e.categorify(text, { minCount: 3, buckets: 5 }),
  categoryCut: e.categorify([text, other], { maxSize: 6 }),
  categoryGiven: e.categorify(text, { values: ['b', 'a', "it's"] }),
  jointText: joint[0]!,
  jointOther: joint[1]!,
  normalize: e.normalize(tame),
  minMax: e.minMax(y),
  ...Object.fromEntries(
    statisticNames.map((statistic) => [
      `group ${statistic}`,
      e.groupStatistic(tameY, { by: text, statistic }),
    ]),
  ),
  groupCount: e.groupStatistic(1, { by: [text, other], statistic: 'count' }),
  target: e.targetEncode(tameY, { by: text, fold: e.column('session', 'text') }),
  present: e.present(other),
  continuous: e.continuous('x', { fill: 'median', transform: 'log', scale: 'minMax' }),
  lookup: e.lookup(text, { keys: [['a'], ['b'], ['a']], values: ['first', 'second', 'third'] }),
  similarity: e.similarity(text, other, {
    left: { a: { f: 1, g: 0.1 }, b: { f: 0.3, 日: -1e300 }, '7': {}, "it's": { g: 5e-324, f: 2 } },
  }),
  sparseProduct: node('sparseProduct', [sparse, e.lag(sparse)]),
  lag: e.lag(text),
  lagTwo: e.lag(x, 2),
  difference: e.difference(x),
  position: e.position(),
  seenBefore: e.seenBefore(text),
  repeatsLast: e.repeatsLast(other),
  first: e.first(text),
  sinceLast: e.sinceLast(time),
  sessionCount: e.sessionCount(text),
  sessionSum: e.sessionSum(x),
  sessionMean: e.sessionMean(x),
  sessionMedian: e.sessionMedian(x),
  sessionVariance: e.sessionVariance(y),
  sessionDeviation: e.sessionDeviation(time),
  sessionMin: e.sessionMin(x),
  sessionMax: e.sessionMax(x),
  sessionDistinct: e.sessionDistinct(text),
  firstPresent: e.firstPresent(text),
  lastPresent: e.lastPresent(x),
  recency: e.recencyDays(time, text),
  relative: e.relativeTo(tameY, text),
  recent: e.recentCount(time, { by: text, windowMs: 3_600_000 }),
  javascript: e.javascript('mixed', [x, text, flag, e.lag(y)], { type: 'number' }),
  javascriptText: e.fillMissing(e.javascript('reversed', [text], { type: 'text' }), 'none'),
  javascriptFlag: e.javascript('odd', [e.categorify(text), 'b'], { type: 'boolean' }),
}

/** What the features call. */
const functions = {
  mixed: (one: number | null, word: string | null, truth: boolean | null, last: number | null) =>
    one === null ? (word?.length ?? null) : truth === true ? null : one / 4 + (last ?? 0) / 4,
  reversed: (word: string | null) => (word === null ? null : Array.from(word).reverse().join('')),
  odd: (code: number | null) => code !== null && code % 2 === 1,
}

test('every operator, and every function that makes one, is among the features', () => {
  const planned = new Set(planOf(Object.values(features)).nodes.map(({ operator }) => operator.name))
  const missing = [
    ...operators.filter(({ name }) => !planned.has(name)).map(({ name }) => name),
    ...Object.keys(expressions).filter((name) => !used.has(name)),
  ]
  expect(missing, 'Use it in a feature above.').toEqual([])
})

const texts = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'a',
      'b',
      'c',
      "it's",
      '7',
      '07',
      '-1.5e3',
      ' ',
      'é',
      '日本',
      '\u{1f600}',
      'a\u001f|b',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }).filter((each) => !each.includes('\0')),
  },
  { weight: 1, arbitrary: fc.constant(null) },
)
const numbers = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -5, max: 5 }) },
  { weight: 3, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e3, max: 1e3 }) },
  { weight: 1, arbitrary: fc.constantFrom(-0, 1e308, -1e308, 5e-324, 2 ** 53, 0.1 + 0.2) },
  { weight: 1, arbitrary: fc.constant(null) },
)
const sparseTexts = fc.oneof(
  fc
    .array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.double({ noNaN: true, noDefaultInfinity: true })), {
      maxLength: 6,
    })
    .map((entries) => entries.map(([index, weight]) => `${index}:${weight}`).join(' ')),
  fc.constantFrom(
    '1:1 2:0.1',
    '2:0.7 1:1e-400',
    '1:2 1:3',
    '1:1e999',
    '01:1',
    '1:1  2:1',
    ' 1:1',
    '1:+1',
    null,
  ),
)
const tagTexts = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .array(
        fc.oneof(
          { weight: 3, arbitrary: fc.constant('|') },
          {
            weight: 5,
            arbitrary: fc.constantFrom(
              ...['a', 'aa', 'b', 'c', ' ', '\t', '\u00a0', '\u200b', '.', '.*', 'e\u0301', '\u{1f600}'],
            ),
          },
          { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 3 }) },
        ),
        { maxLength: 10 },
      )
      .map((pieces) => pieces.join('').replaceAll('\0', '')),
  },
  { weight: 1, arbitrary: fc.constant(null) },
)
const events = fc.array(
  fc.record({
    sparse: sparseTexts,
    tags: tagTexts,
    session: fc.constantFrom('s1', 's2', 's3', '日'),
    text: texts,
    other: texts,
    x: numbers,
    y: numbers,
    flag: fc.constantFrom(true, false, null),
    time: fc.integer({ min: 0, max: 40_000 }).map((each) => 1_540_000_000_000 + each * 30_000),
  }),
  { minLength: 1, maxLength: 60 },
)

type Row = Readonly<Record<string, string | number | boolean>>

/** To the last digit; missing is missing, and no zero has a sign that shows. */
function same(offline: Value, online: Value): boolean {
  return Object.is(offline, online) || offline === online
}

test('offline and online agree, before and after saving', { timeout: 240_000 }, async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(events, fc.option(events), events, fc.boolean(), async (fitOn, more, seen, steps) => {
      const write = (name: string, rows: readonly object[]): { readonly path: string } => {
        const path = join(folder, `${name}-${run}.jsonl`)
        writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
        return { path }
      }
      run++
      const definition = workflow({
        session: 'session',
        time: 'time',
        ...(steps && { steps: [{ keep: e.not(e.repeatsLast(text)) }, { splitAfterMs: 3_600_000 }] }),
        features,
        functions,
      })
      let fitted = await definition.fit(write('fit', fitOn))
      if (more !== null) {
        const extended = await definition.fit(write('more', more), { extend: fitted })
        expectExtended(fitted, extended)
        fitted = extended
      }
      const table = await fitted.table(write('seen', seen))
      const saved = fittedWorkflowFromJson(JSON.parse(JSON.stringify(fitted)), { functions })
      const rows = seen.map(
        (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Row,
      )
      const past = saved.createPast()
      for (const row of rows) past.observe(row)

      const last = new Map<string, number>()
      for (const [index, id] of table.sessionIds.entries()) last.set(id.replace(/#\d+$/, ''), index)
      for (const [index, id] of table.sessionIds.entries()) {
        const user = id.replace(/#\d+$/, '')
        // Of a session that was split, the live one is the last in time.
        if (steps && Number(/\d+$/.exec(id)?.[0]) !== splits(table.sessionIds, user)) continue
        const places = [...rows.keys()].filter((place) => rows[place]!['session'] === user)
        const encoded = saved.encode(
          places.map((place) => rows[place]!),
          { past },
        )
        const [start, end] = [table.offsets[index]!, table.offsets[index + 1]!]
        expect(encoded.events.map((event) => places[event])).toEqual([...table.rows.slice(start, end)])
        for (const name of Object.keys(features)) {
          const offline = table.features[name]!.slice(start, end)
          const online = encoded.features[name]!
          const good =
            offline.length === online.length && offline.every((value, at) => same(value, online[at]!))
          if (!good) expect(online, `${name} of ${id}`).toEqual(offline)
        }
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 25) },
  )
})

/** Nothing that was learnt before is lost: keys, and what is a code, stay where they are. */
function expectExtended(before: FittedWorkflow, after: FittedWorkflow): void {
  for (const [stage, states] of before.states.entries())
    for (const [place, { keys, columns }] of states) {
      const now = after.states[stage]!.get(place)!
      expect(now.keys.slice(0, keys.length)).toEqual(keys)
      const { code } = columns
      if (code !== undefined) expect(now.columns['code']!.slice(0, keys.length)).toEqual(code)
    }
}

const splits = (ids: readonly string[], user: string): number =>
  Math.max(...ids.filter((id) => id.replace(/#\d+$/, '') === user).map((id) => Number(/\d+$/.exec(id)![0])))
