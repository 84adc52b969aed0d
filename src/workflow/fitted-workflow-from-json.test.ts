import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EnsuiteError } from '../errors.ts'
import { expressions as e } from '../expressions/index.ts'
import { definitionFromJson } from './definition-json.ts'
import type { EncodedSession } from './encode-session.ts'
import type { Event } from './event-values.ts'
import type { FittedWorkflow } from './fitted-workflow.ts'
import { fittedWorkflowFromJson } from './fitted-workflow-from-json.ts'
import { workflow as createWorkflow } from './workflow.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-workflow-json-'))
afterAll(() => rmSync(folder, { recursive: true }))

const item = e.column('item', 'text')
const price = e.column('price', 'number')
const time = e.column('ts', 'time')
const options = {
  session: 'user',
  time: 'ts',
  steps: [{ keep: e.less(e.fillMissing(e.categorify(item, { buckets: 2 }), 0), 100) }],
  features: {
    item: e.categorify(item),
    given: e.categorify(item, { values: ['a', 'b'] }),
    price: e.normalize(price),
    mean: e.groupStatistic(price, { by: [item, item], statistic: 'mean' }),
    target: e.targetEncode(price, { by: item, fold: item, folds: 2 }),
    table: e.lookup(item, { keys: [['a'], ['b']], values: ['x', 'y'] }),
    hour: e.hour(time, { timeZone: 'America/Caracas' }),
    recent: e.recentCount(time, { by: item, windowMs: 1000 }),
  },
} as const
const workflow = createWorkflow(options)
const source = { path: join(folder, 'events.csv') }
writeFileSync(source.path, 'user,item,price,ts\nu,a,1,2020-01-01\nu,b,3,2020-01-02\nv,a,5,2020-01-03\n')
let fitted: FittedWorkflow
beforeAll(async () => {
  fitted = await workflow.fit(source)
})

/** With nothing in the past. */
const encode = (events: readonly Event[]): EncodedSession =>
  fitted.encode(events, { past: fitted.createPast() })

type Json = { [key: string]: Json } & { [index: number]: Json; length: number }

/** The saved workflow, altered. Places: 1 is the step's category; in the features 1 item, 2 given, 4 price, 5 mean, 6 target, 7 table, 9 hour. */
function altered(change: (json: Json) => void): unknown {
  const json = JSON.parse(JSON.stringify(fitted)) as Json
  change(json)
  return json
}

const put = (path: string, value: unknown): ((json: Json) => void) => {
  const keys = path.split('.')
  return (json) => {
    const holder = keys.slice(0, -1).reduce<Json>((part, key) => part[key]!, json)
    if (value === undefined) Reflect.deleteProperty(holder, keys.at(-1)!)
    else holder[keys.at(-1)!] = value as Json
  }
}

async function codeOf(body: () => unknown): Promise<string> {
  try {
    await body()
  } catch (error) {
    if (error instanceof EnsuiteError) return error.code
    throw error
  }
  return 'nothing'
}

test('what was saved is read, and saved again the same', () => {
  const again = fittedWorkflowFromJson(altered(() => undefined))
  expect(JSON.stringify(again)).toBe(JSON.stringify(fitted))
  const events = [{ user: 'w', item: 'a', price: 3, ts: '2020-01-04T08:00' }]
  expect(again.encode(events, { past: again.createPast() })).toEqual(encode(events))
  expect(fitted.toJSON().states.map((stage) => stage.map(([place]) => place))).toEqual([
    [1],
    [1, 2, 4, 5, 6, 7, 9],
  ])
})

test('a newer version is refused as such, whatever else it holds', async () => {
  const newer = altered((json) => {
    put('version', 2)(json)
    put('definition.features.item', { op: 'of the future' })(json)
  })
  expect(await codeOf(() => fittedWorkflowFromJson(newer))).toBe('ARTIFACT_TOO_NEW')
})

describe('altered JSON is refused', () => {
  const state = (stage: number, at: number): string => `states.${stage}.${at}.1`
  test.each<readonly [string, unknown]>([
    ...[
      'version',
      'definition',
      'states',
      'definition.session',
      'definition.features',
      'definition.steps',
    ].flatMap((path) => [undefined, null, '', 0, -1, 1.5, [], {}].map((value) => [path, value] as const)),
    ['more', 1],
    ['definition.more', 1],
    ['definition.features.more', { op: 'floor', inputs: [{ op: 'position' }, { op: 'position' }] }],
    ['definition.features.price', { op: 'position' }],
    ['definition.features.hour.options.timeZone', 'Mars/Olympus'],
    ['states.0', undefined],
    ['states.0', null],
    ['states.0', []],
    ['states.1', []],
    ['states.2', []],
    ['states.0.0', null],
    ['states.0.0', [1]],
    ['states.0.0.0', 0],
    ['states.0.0.0', '1'],
    ['states.0.1', [1, null]],
    ...[null, 5, 'a', [], {}].map((value) => [state(1, 0), value] as const),
    ...['keys', 'columns', 'totals'].flatMap((name) =>
      [undefined, null, 'a', { more: [1, 2] }, [['a']]].map(
        (value) => [`${state(1, 0)}.${name}`, value] as const,
      ),
    ),
    [`${state(1, 0)}.more`, {}],
    // Codes that were moved, are no codes, or are too few; keys twice, of another length, or no texts.
    [`${state(1, 0)}.columns.code`, [3, 2]],
    [`${state(1, 0)}.columns.code`, [0, 1]],
    [`${state(1, 0)}.columns.code`, ['2', '3']],
    [`${state(1, 0)}.columns.code`, [null, null]],
    [`${state(1, 0)}.columns.code`, [2]],
    [`${state(1, 0)}.columns.code`, { 0: 2, 1: 3 }],
    [`${state(1, 0)}.columns.count.0`, 'many'],
    [`${state(1, 0)}.columns.more`, [1, 2]],
    [`${state(1, 0)}.columns.__proto__x`, [1, 2]],
    [`${state(1, 0)}.keys.1`, ['a']],
    [`${state(1, 0)}.keys.1`, ['a', 'b']],
    [`${state(1, 0)}.keys.1`, []],
    [`${state(1, 0)}.keys.1`, [5]],
    [`${state(1, 0)}.keys.1`, 'b'],
    [`${state(1, 0)}.totals.more`, 1],
    [`${state(0, 0)}.columns.code`, [2, 3]],
    // What was given is given.
    [`${state(1, 1)}.keys.0`, ['c']],
    [`${state(1, 1)}.columns.code`, [3, 2]],
    [`${state(1, 5)}.columns.value`, ['y', 'x']],
    [`${state(1, 5)}.columns.value`, [1, 2]],
    // Numbers that are none.
    [`${state(1, 2)}.totals.mean`, undefined],
    [`${state(1, 2)}.totals.mean`, '3'],
    [`${state(1, 2)}.totals.mean`, true],
    [`${state(1, 2)}.totals.deviation`, [1]],
    [`${state(1, 3)}.columns.value.0`, 'x'],
    [`${state(1, 3)}.keys.0`, ['a']],
    [`${state(1, 4)}.columns.sum1`, undefined],
    [`${state(1, 4)}.totals.count`, {}],
    // A time zone whose changes do not rise, or are one too many.
    [`${state(1, 6)}.columns.from.0`, 2e12],
    [`${state(1, 6)}.columns.from.0`, null],
    [`${state(1, 6)}.columns.ms`, []],
    [`${state(1, 6)}.columns.ms.0`, 'x'],
    [`${state(1, 6)}.columns.ms`, undefined],
  ])('%s: %j', async (path, value) => {
    expect(await codeOf(() => fittedWorkflowFromJson(altered(put(path, value))))).toBe('ARTIFACT_INVALID')
  })

  test.each([undefined, null, 5, 'text', [], {}, () => 1])('%s', async (json) => {
    expect(await codeOf(() => fittedWorkflowFromJson(json))).toBe('ARTIFACT_INVALID')
  })

  test('JSON too deep', async () => {
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
    for (const path of ['states', 'definition', 'definition.features.item', 'version', 'states.0.0.1'])
      expect(await codeOf(() => fittedWorkflowFromJson(altered(put(path, deep)))), path).toBe(
        'ARTIFACT_INVALID',
      )
  })
})

test('what JSON.stringify writes of a workflow is its definition, from which it is made again', () => {
  const json: unknown = JSON.parse(JSON.stringify(workflow))
  expect(json).toEqual(workflow.toJSON())
  expect(JSON.stringify(createWorkflow(definitionFromJson(json)))).toBe(JSON.stringify(workflow))
})

describe('options and events', () => {
  const event = { user: 'u', item: 'a', price: 1, ts: 0 }
  const other = createWorkflow({ session: 'user', features: { position: e.position() } })
  test.each<readonly [string, () => unknown, string]>([
    ['fit: unknown', () => workflow.fit(source, { extends: fitted } as object), 'OPTION_UNKNOWN'],
    ['fit: null', () => workflow.fit(source, null as unknown as object), 'OPTION_INVALID'],
    [
      'fit: extend by JSON',
      () => workflow.fit(source, { extend: fitted.toJSON() as never }),
      'OPTION_INVALID',
    ],
    [
      'fit: extend by what is not fitted',
      () => workflow.fit(source, { extend: workflow as never }),
      'OPTION_INVALID',
    ],
    [
      'fit: extend by another',
      async () => workflow.fit(source, { extend: await other.fit(source) }),
      'OPTION_INVALID',
    ],
    ['fit: extend by null', () => workflow.fit(source, { extend: null as never }), 'OPTION_INVALID'],
    ['fit: a period without times', () => other.fit(source, { period: { until: 5 } }), 'OPTION_INVALID'],
    [
      'fit: a period that ends before it begins',
      () => workflow.fit(source, { period: { from: 5, until: 5 } }),
      'OPTION_INVALID',
    ],
    [
      'fit: a period of texts',
      () => workflow.fit(source, { period: { from: '2020-01-01' } as never }),
      'OPTION_INVALID',
    ],
    ['fit: a period with more', () => workflow.fit(source, { period: { to: 5 } as never }), 'OPTION_UNKNOWN'],
    ['transform: unknown', () => fitted.table(source, { train: true } as object), 'OPTION_UNKNOWN'],
    ['transform: a text', () => fitted.table(source, { training: 'false' as never }), 'OPTION_INVALID'],
    ['encode: unknown', () => fitted.encode([event], { pasts: 1 } as object), 'OPTION_UNKNOWN'],
    [
      'encode: a past of another',
      async () => fitted.encode([event], { past: (await other.fit(source)).createPast() }),
      'OPTION_INVALID',
    ],
    ['encode: a past of nobody', () => fitted.encode([event], { past: {} as never }), 'OPTION_INVALID'],
    ['encode: no list', () => encode(event as never), 'OPTION_INVALID'],
    ['encode: an event that is null', () => encode([null as never]), 'COLUMN_INVALID'],
    ['encode: an event that is a text', () => encode(['a' as never]), 'COLUMN_INVALID'],
    ['encode: no time', () => encode([event, { item: 'a' }]), 'COLUMN_MISSING'],
    ['encode: nanoseconds', () => encode([{ ...event, ts: 1.6e18 }]), 'COLUMN_INVALID'],
    ['encode: a time that is none', () => encode([{ ...event, ts: '2020-02-30' }]), 'COLUMN_INVALID'],
    ['encode: a number that is none', () => encode([{ ...event, price: '1,5' }]), 'COLUMN_INVALID'],
    ['encode: a number that is infinite', () => encode([{ ...event, price: Infinity }]), 'COLUMN_INVALID'],
    ['encode: a truth value for a number', () => encode([{ ...event, price: true }]), 'COLUMN_INVALID'],
    ['encode: half a character', () => encode([{ ...event, item: 'a\ud800' }]), 'COLUMN_INVALID'],
    ['encode: a list', () => encode([{ ...event, item: ['a'] as never }]), 'COLUMN_INVALID'],
    ['encode: a big number', () => encode([{ ...event, price: 5n as never }]), 'COLUMN_INVALID'],
    [
      'observe: half a character',
      () => {
        fitted.createPast().observe({ ...event, item: '\udc00' })
      },
      'COLUMN_INVALID',
    ],
  ])('%s', async (_, body, code) => {
    expect(await codeOf(body)).toBe(code)
  })

  test('the past of a workflow that was saved and read is one of the same', () => {
    const again = fittedWorkflowFromJson(JSON.parse(JSON.stringify(fitted)))
    const past = again.createPast()
    past.observe({ ...event, ts: -5 })
    expect(fitted.encode([event], { past }).features['recent']).toEqual([1])
  })

  test('values that are not there, are null, or are inherited are missing', () => {
    const inherited = Object.create({ price: 7 }) as Record<string, number | null>
    const { features } = encode([
      { user: 'u', ts: 0 },
      { user: 'u', ts: 1, item: '', price: null as never },
      Object.assign(inherited, { ts: 2 }) as never,
    ])
    expect(features['price']).toEqual([null, null, null])
    expect(features['item']).toEqual([1, 1, 1])
  })
})
