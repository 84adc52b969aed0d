import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { withDatabase } from '../events/database.ts'
import { expressions as f, type Expression } from '../expressions/index.ts'
import { createRandom } from '../random.ts'
import { encodedInputs } from './model-inputs.ts'
import { fittedWorkflowFromJson } from './fitted-workflow-from-json.ts'
import { prepare } from './prepare.ts'
import { workflow } from './workflow.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'clicks.csv')
writeFileSync(
  path,
  'user,item,time,colour,price\nu1,b,2,red,3\nu1,a,1,,\nu2,b,1,blue,1\nu2,007,2,red,2\nu2,7,3,red,\nu1,a,3,blue,6\n',
)
const options = {
  session: 'user',
  item: 'item',
  time: 'time',
  features: {
    colour: f.category('colour'),
    price: f.column('price', 'number'),
    first: f.not(f.greater(f.position(), 0)),
    place: f.position(),
    label: f.column('colour', 'text'),
    when: f.column('time', 'time'),
  },
}
const rare = { ...options, item: f.category('item', { minCount: 2 }) }

test('sessions of codes by count, then by value, and of numbers', async () => {
  const fitted = await workflow(options).fit({ path })
  expect(fitted.vocabulary('item').values).toEqual(['a', 'b', '007', '7'])
  expect(fitted.vocabulary('item').counts).toEqual([2, 2, 1, 1])
  expect(fitted.vocabulary('colour').values).toEqual(['red', 'blue'])
  expect(fitted.itemColumn).toBe('item')
  // Texts and times are none of a model's.
  expect(fitted.schema).toEqual({
    items: 6,
    categorical: { colour: 4 },
    continuous: ['price', 'first', 'place'],
  })
  const sessions = {
    count: 2,
    offsets: Int32Array.of(0, 3, 6),
    items: Int32Array.of(2, 3, 2, 3, 4, 5),
    categorical: { colour: Int32Array.of(1, 2, 3, 3, 2, 2) },
    continuous: {
      price: Float32Array.of(NaN, 3, 6, 1, 2, NaN),
      first: Float32Array.of(1, 0, 0, 1, 0, 0),
      place: Float32Array.of(0, 1, 2, 0, 1, 2),
    },
    times: Float64Array.of(1, 2, 3, 1, 2, 3),
    ids: ['u1', 'u2'],
  }
  expect(await fitted.transform({ path })).toEqual(sessions)
  const together = await workflow(options).fitTransform({ path })
  expect(together.sessions).toEqual(sessions)
  expect(JSON.stringify(together.fitted)).toBe(JSON.stringify(fitted))
})

test('values below minCount are unknown', async () => {
  const fitted = await workflow(rare).fit({ path })
  expect(fitted.vocabulary('item').values).toEqual(['a', 'b'])
  expect((await fitted.transform({ path })).items).toEqual(Int32Array.of(2, 3, 2, 3, 1, 1))
  const strict = workflow({ ...options, item: f.category('item', { minCount: 3 }) })
  await expect(strict.fit({ path })).rejects.toMatchObject({ code: 'EVENTS_EMPTY' })
})

test('online encoding equals the transformed file', async () => {
  const fitted = await workflow(rare).fit({ path })
  const { items, categorical, continuous } = await fitted.transform({ path })
  const u2 = [
    { item: 'b', colour: 'blue', price: '1', time: 1, ignored: 1 },
    { item: '007', colour: 'red', price: 2, time: 2 },
    { item: 7, colour: 'red', time: 3 },
  ]
  const online = (events: Parameters<typeof fitted.encode>[0]): ReturnType<typeof encodedInputs> =>
    encodedInputs(fitted.definition, fitted.encode(events))
  const last = <Column extends Int32Array | Float32Array>(
    columns: Readonly<Record<string, Column>>,
  ): object => Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.slice(3)]))
  expect(online(u2)).toEqual({
    items: items.slice(3),
    categorical: last(categorical),
    continuous: last(continuous),
    times: Float64Array.of(1, 2, 3),
  })
  // Without any time, the order given counts.
  expect(online([{ item: 'b' }, { item: 'a', colour: '' }, { item: 'new', colour: 'green' }])).toEqual({
    items: Int32Array.of(3, 2, 1),
    categorical: { colour: Int32Array.of(1, 1, 1) },
    continuous: {
      price: Float32Array.of(NaN, NaN, NaN),
      first: Float32Array.of(1, 0, 0),
      place: Float32Array.of(0, 1, 2),
    },
  })
  expect(online([]).items).toEqual(new Int32Array(0))
})

test.each([
  [{ colour: 'red' }, 'COLUMN_MISSING', /Event 1 of 2.*no 'item'.*colour/],
  [{ item: '' }, 'COLUMN_MISSING', /Event 1/],
  [{ item: Number.NaN }, 'COLUMN_INVALID', /NaN/],
  [{ item: 2 ** 53 + 2 }, 'COLUMN_INVALID', /'item' is the number 9007199254740994.*Write it as text/],
  [{ item: 'a', colour: {} as unknown as string }, 'COLUMN_INVALID', /'colour'.*\{\}/],
])('refuses the event %j', async (event, code, message) => {
  const fitted = await workflow(options).fit({ path })
  const encode = (): unknown => fitted.encode([{ item: 'a' }, event])
  expect(encode).toThrow(message)
  expect(encode).toThrow(expect.objectContaining({ code }) as Error)
})

test('names of the object prototype are columns like any other', async () => {
  const odd = join(folder, 'odd.csv')
  writeFileSync(odd, 'constructor,__proto__\ns,toString\n')
  const fitted = await workflow({ session: 'constructor', item: '__proto__' }).fit({ path: odd })
  expect(fitted.featureSchema().columns.map(({ name }) => name)).toEqual(['session', '__proto__'])
  const again = fittedWorkflowFromJson(JSON.parse(JSON.stringify(fitted)))
  expect((await again.transform({ path: odd })).items).toEqual(Int32Array.of(2))
  const encoded = again.encode([JSON.parse('{"__proto__":"toString"}') as { item: string }])
  expect(encodedInputs(again.definition, encoded).items).toEqual(Int32Array.of(2))
  expect(() => again.encode([{ item: 'a' }])).toThrow(/has no '__proto__'/)
})

test.each([
  [{ session: 'a' }, 'OPTION_INVALID'],
  [{ session: 'a', item: 'a' }, 'OPTION_INVALID'],
  [{ session: 'a', item: 3 }, 'OPTION_INVALID'],
  [{ session: 'a', item: '' }, 'OPTION_INVALID'],
  [{ session: 'a', item: f.column('b', 'text') }, 'OPTION_INVALID'],
  [{ session: 'a', item: f.category('b', { buckets: 3 }) }, 'OPTION_INVALID'],
  [{ session: 'a', item: f.categorify([f.column('b', 'text'), f.column('c', 'text')]) }, 'OPTION_INVALID'],
  [{ session: 'a', item: f.category('b'), features: { b: f.position() } }, 'OPTION_INVALID'],
  [{ session: 'a', item: 'b', features: { b: f.position() } }, 'OPTION_INVALID'],
  [{ session: 'a', item: 'b', features: { x: f.position(), X: f.position() } }, 'OPTION_INVALID'],
  [{ session: 'a', item: 'b', categories: [] }, 'OPTION_UNKNOWN'],
])('refuses the options %j', (given, code) => {
  expect(() => workflow(given as never)).toThrow(expect.objectContaining({ code }) as Error)
})

test('an item may be one of the features, under a name of its own', async () => {
  const own = workflow({ session: 'user', item: 'sku', features: { sku: f.category('item') } })
  const fitted = await own.fit({ path })
  expect([fitted.itemColumn, fitted.schema.items]).toEqual(['item', 6])
  expect(() => fitted.vocabulary('item')).toThrow(/There are sku/)
})

test('without an item there are features, and no sessions of items', async () => {
  const fitted = await workflow({ session: 'user', features: { price: f.column('price', 'number') } }).fit({
    path,
  })
  expect(fitted.schema.items).toBe(0)
  expect((await fitted.table({ path })).features['price']).toHaveLength(6)
  await expect(fitted.transform({ path })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test('numbers of seconds as times, in files and online', async () => {
  const file = join(folder, 'seconds.csv')
  writeFileSync(file, 'user,item,ts\nu1,a,1577872805.5\nu1,b,1577872800\nu1,c,1577880000\nu2,a,1577880000\n')
  const time = f.column('ts', 'seconds')
  const own = workflow({
    session: 'user',
    item: 'item',
    time,
    steps: [{ splitAfterMs: 3_600_000 }],
    features: { at: time, hour: f.hour(time) },
  })
  const fitted = fittedWorkflowFromJson(JSON.parse(JSON.stringify(await own.fit({ path: file }))))
  const { features, sessionIds } = await fitted.table({ path: file })
  expect(sessionIds).toEqual(['u1#0', 'u1#1', 'u2#0'])
  expect(features['at']).toEqual([1577872800000, 1577872805500, 1577880000000, 1577880000000])
  expect(features['hour']).toEqual([10, 10, 12, 12])
  const encoded = fitted.encode([
    { item: 'a', ts: 1577872805.5 },
    { item: 'b', ts: '1577872800' },
  ])
  expect(encoded.features['at']).toEqual([1577872800000, 1577872805500])
  expect(() => fitted.encode([{ item: 'a', ts: 1e16 }])).toThrow(/expects a number of seconds/)
  expect(() => workflow({ session: 'user', item: 'item', time: f.column('ts', 'number') })).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID' }) as Error,
  )
})

test('values of whole sessions: in tables, online, in files and in the schema', async () => {
  const price = f.column('price', 'number')
  const own = workflow({
    session: 'user',
    item: 'item',
    time: 'time',
    steps: [{ keep: f.less(f.position(), 2) }],
    context: {
      length: f.sessionCount(),
      meanPrice: f.sessionMean(price),
      firstColour: f.firstPresent(f.column('colour', 'text')),
      lastItem: f.category('item'),
    },
    schema: { meanPrice: { tags: ['item'], properties: { unit: 'dollar' } } },
  })
  const fitted = await own.fit({ path })
  const { context } = await fitted.table({ path })
  expect(context).toEqual({
    length: [2, 2],
    meanPrice: [3, 1.5],
    firstColour: ['red', 'blue'],
    lastItem: [2, 3],
  })
  const u1 = [
    { item: 'a', time: 1 },
    { item: 'b', time: 2, colour: 'red', price: 3 },
    { item: 'a', time: 3, colour: 'blue', price: 6 },
  ]
  const again = fittedWorkflowFromJson(JSON.parse(JSON.stringify(fitted)))
  expect(again.encode(u1).context).toEqual({ length: 2, meanPrice: 3, firstColour: 'red', lastItem: 2 })
  expect(again.encode([]).context).toEqual({
    length: null,
    meanPrice: null,
    firstColour: null,
    lastItem: null,
  })
  const out = join(folder, 'prepared')
  await prepare(again, { path }, { out })
  const rows = await withDatabase([join(out, 'sessions.parquet')], (database) =>
    database.rows(
      `SELECT "length", "meanPrice", "firstColour", "lastItem" FROM '${join(out, 'sessions.parquet')}'`,
    ),
  )
  expect(rows).toEqual([
    { length: '2', meanPrice: '3', firstColour: 'red', lastItem: '2' },
    { length: '2', meanPrice: '1.5', firstColour: 'blue', lastItem: '3' },
  ])
  const columns = again.featureSchema().columns.filter(({ tags }) => tags.includes('context'))
  expect(columns.map(({ name }) => name)).toEqual(['length', 'meanPrice', 'firstColour', 'lastItem'])
  expect(columns[1]).toMatchObject({ tags: ['session', 'context', 'item'], properties: { unit: 'dollar' } })
  expect(() => workflow({ session: 'user', item: 'item', context: { Item: f.position() } })).toThrow(
    /letters/,
  )
})

test('a function of your own, in files, online and after loading', async () => {
  const functions = { initial: (colour: string | null) => colour?.[0] ?? 'none' }
  const own = {
    session: 'user',
    item: 'item',
    features: {
      initial: f.categorify(f.javascript('initial', [f.column('colour', 'text')], { type: 'text' })),
    },
  }
  expect(() => workflow(own)).toThrow(expect.objectContaining({ code: 'FUNCTION_MISSING' }) as Error)
  const fitted = await workflow({ ...own, functions }).fit({ path })
  expect(fitted.vocabulary('initial').values).toEqual(['r', 'b', 'none'])
  const json: unknown = JSON.parse(JSON.stringify(fitted))
  expect(() => fittedWorkflowFromJson(json)).toThrow(
    expect.objectContaining({ code: 'FUNCTION_MISSING' }) as Error,
  )
  const again = fittedWorkflowFromJson(json, { functions })
  expect((await again.table({ path })).features['initial']).toEqual([2, 4, 3, 3, 2, 2])
  expect(again.encode([{ item: 'a', colour: 'blue' }, { item: 'a' }]).features['initial']).toEqual([3, 4])
  const failing = fittedWorkflowFromJson(json, { functions: { initial: () => 7 } })
  await expect(failing.table({ path })).rejects.toMatchObject({ code: 'FUNCTION_FAILED' })
  expect(() => failing.encode([{ item: 'a' }])).toThrow(/gave 7/)
})

test('what a browser needs reaches no reader of files', () => {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    const source = readFileSync(file, 'utf8')
    for (const [, clause, from] of source.matchAll(/^(?:import|export) ([^'"]*?)from '([^']+)'/gms)) {
      if (clause!.startsWith('type ')) continue
      // Plain JavaScript, which browsers take as it is.
      if (from!.startsWith('@noble/hashes/')) continue
      expect(from).toMatch(/^\.\.?\//)
      visit(fileURLToPath(new URL(from!, `file://${file}`)))
    }
  }
  visit(fileURLToPath(new URL('./fitted-workflow-from-json.ts', import.meta.url)))
  expect([...seen].filter((file) => file.includes('/events/'))).toEqual([])
  expect([...seen].some((file) => file.endsWith('encode-session.ts'))).toBe(true)
})

test('means and sums do not depend on the order in which threads add', async () => {
  const random = createRandom(7)
  const values = Array.from(
    { length: 200_000 },
    () => (random.below(2 ** 30) / 2 ** 30) * 10 ** (random.below(12) - 6),
  )
  // Each is there with either sign, somewhere else: all of them come to 0.
  const signed = [...values, ...values.map((value) => -value).reverse()]
  const ordered = join(folder, 'order.csv')
  writeFileSync(
    ordered,
    `session,x,g\n${signed.map((value, at) => `s${at % 1000},${value},g${at % 3}`).join('\n')}\n`,
  )
  const x = f.column('x', 'number')
  const statistic = (name: 'sum' | 'mean'): Expression =>
    f.groupStatistic(x, { by: f.column('g', 'text'), statistic: name })
  const own = workflow({
    session: 'session',
    features: { x: f.normalize(x), sum: statistic('sum'), mean: statistic('mean') },
  })
  const learnt = async (): Promise<string> => {
    const { states } = await own.fit({ path: ordered })
    return JSON.stringify(
      [...states[0]!].map(([, { totals, columns }]) => [totals['mean'], columns['value']]),
    )
  }
  const first = await learnt()
  expect(first).toMatch(/^\[\[0,/)
  for (let run = 0; run < 3; run++) expect(await learnt()).toBe(first)
})
