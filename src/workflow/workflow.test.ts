import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import type { RawSessions } from '../events/raw-sessions.ts'
import { fittedWorkflowFromJson } from './fitted-workflow-from-json.ts'
import { workflow } from './workflow.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const path = join(folder, 'clicks.csv')
writeFileSync(
  path,
  'user,item,time,colour\nu1,b,2,red\nu1,a,1,\nu2,b,1,blue\nu2,007,2,red\nu2,7,3,red\nu1,a,3,blue\n',
)
const options = { session: 'user', item: 'item', time: 'time', categorical: ['colour'] } as const
const rare = { ...options, minCount: 2 }

test('fit and transform: codes by count, then by value', async () => {
  const fitted = await workflow(options).fit({ path })
  expect(fitted.vocabularies['item']!.values).toEqual(['a', 'b', '007', '7'])
  expect(fitted.vocabularies['item']!.counts).toEqual([2, 2, 1, 1])
  expect(fitted.vocabularies['colour']!.values).toEqual(['red', 'blue'])
  expect(await fitted.transform({ path })).toEqual({
    count: 2,
    offsets: Int32Array.of(0, 3, 6),
    items: Int32Array.of(2, 3, 2, 3, 4, 5),
    categorical: { colour: Int32Array.of(1, 2, 3, 3, 2, 2) },
    times: Float64Array.of(1, 2, 3, 1, 2, 3),
    ids: ['u1', 'u2'],
  })
})

test('values below minCount are unknown', async () => {
  const fitted = await workflow(rare).fit({ path })
  expect(fitted.vocabularies['item']!.values).toEqual(['a', 'b'])
  expect((await fitted.transform({ path })).items).toEqual(Int32Array.of(2, 3, 2, 3, 1, 1))
  await expect(workflow({ ...options, minCount: 3 }).fit({ path })).rejects.toMatchObject({
    code: 'EVENTS_EMPTY',
  })
})

test('online encoding equals the transformed file; unknown items are told', async () => {
  const fitted = await workflow(rare).fit({ path })
  const { items, categorical } = await fitted.transform({ path })
  const u2 = [
    { item: 'b', colour: 'blue', ignored: 1 },
    { item: '007', colour: 'red' },
    { item: 7, colour: 'red' },
  ]
  const encoded = fitted.encode(u2)
  expect(encoded.items).toEqual(items.slice(3))
  expect(encoded.categorical).toEqual({ colour: categorical['colour']!.slice(3) })
  expect(encoded.unknown).toEqual(['007', '7'])
  const missing = fitted.encode([{ item: 'a' }, { item: 'a', colour: '' }, { item: 'new', colour: 'green' }])
  expect(missing.categorical).toEqual({ colour: Int32Array.of(1, 1, 1) })
  expect(missing.unknown).toEqual(['new'])
  expect(fitted.encode([])).toEqual({
    items: new Int32Array(0),
    categorical: { colour: new Int32Array(0) },
    unknown: [],
  })
})

test.each([
  [{ colour: 'red' }, 'COLUMN_MISSING', /Event 1 of 2.*no 'item'.*colour/],
  [{ item: '' }, 'COLUMN_MISSING', /Event 1/],
  [{ item: Number.NaN }, 'COLUMN_INVALID', /NaN/],
  [{ item: true as unknown as string }, 'COLUMN_INVALID', /boolean/],
  [{ item: 'a', colour: {} as unknown as string }, 'COLUMN_INVALID', /'colour'.*object/],
])('refuses the event %j', async (event, code, message) => {
  const fitted = await workflow(options).fit({ path })
  const encode = (): unknown => fitted.encode([{ item: 'a' }, event])
  expect(encode).toThrow(message)
  expect(encode).toThrow(expect.objectContaining({ code }) as Error)
})

test('names of the object prototype are columns like any other', async () => {
  const raw: RawSessions = {
    count: 1,
    offsets: Int32Array.of(0, 1),
    sessionIds: ['s'],
    columns: Object.fromEntries([['__proto__', { values: ['toString'], codes: Int32Array.of(0) }]]),
  }
  const fitted = await workflow({ session: 'constructor', item: '__proto__' }).fit(raw)
  const again = fittedWorkflowFromJson(JSON.parse(JSON.stringify(fitted)))
  expect((await again.transform(raw)).items).toEqual(Int32Array.of(2))
  expect(again.encode([JSON.parse('{"__proto__":"toString"}') as { item: string }]).items).toEqual(
    Int32Array.of(2),
  )
  expect(() => again.encode([{ item: 'a' }])).toThrow(/has no '__proto__'/)
})

test('raw sessions that lack a column or the times are refused', async () => {
  const raw: RawSessions = {
    count: 1,
    offsets: Int32Array.of(0, 1),
    sessionIds: ['s'],
    columns: { item: { values: ['a'], codes: Int32Array.of(0) } },
  }
  const fitting = workflow({ session: 'user', item: 'item', categorical: ['colour'] }).fit(raw)
  await expect(fitting).rejects.toMatchObject({ code: 'COLUMN_MISSING' })
  await expect(workflow({ ...options, categorical: [] }).fit(raw)).rejects.toThrow(/no times/)
})

test.each([
  [{ session: 'a' }, 'OPTION_INVALID'],
  [{ session: 'a', item: 'a' }, 'OPTION_INVALID'],
  [{ session: 'a', item: 'b', categorical: 'c' }, 'OPTION_INVALID'],
  [{ session: 'a', item: 'b', categorical: [3] }, 'OPTION_INVALID'],
  [{ session: 'a', item: 'b', minCount: 0 }, 'OPTION_INVALID'],
  [{ session: 'a', item: 'b', categories: [] }, 'OPTION_UNKNOWN'],
])('refuses the options %j', (given, code) => {
  expect(() => workflow(given as never)).toThrow(expect.objectContaining({ code }) as Error)
})

describe('JSON', () => {
  test('comes back as the same workflow', async () => {
    const fitted = await workflow(rare).fit({ path })
    const again = fittedWorkflowFromJson(JSON.parse(JSON.stringify(fitted)))
    expect(again.toJSON()).toEqual(fitted.toJSON())
    expect(await again.transform({ path })).toEqual(await fitted.transform({ path }))
    expect(again.vocabularies['item']!.decode(3)).toBe('b')
  })

  const valid = {
    version: 1,
    options: { session: 'user', item: 'item', categorical: [], minCount: 1 },
    vocabularies: { item: { values: ['a', 'b'], counts: [2, 1] } },
  }
  const vocabularies = (item: unknown): unknown => ({ ...valid, vocabularies: { item } })
  const bad: readonly (readonly [string, unknown, string, RegExp])[] = [
    ['nothing', undefined, 'ARTIFACT_INVALID', /version, options, vocabularies.*nothing/],
    ['a list', [], 'ARTIFACT_INVALID', /an object/],
    ['an unknown field', { ...valid, more: 1 }, 'ARTIFACT_INVALID', /nothing else/],
    ['version 0', { ...valid, version: 0 }, 'ARTIFACT_INVALID', /version/],
    ['version 2', { ...valid, version: 2 }, 'ARTIFACT_TOO_NEW', /up to 1/],
    ['no options', { ...valid, options: null }, 'ARTIFACT_INVALID', /options/],
    ['an unknown option', { ...valid, options: { ...valid.options, x: 1 } }, 'ARTIFACT_INVALID', /'x'/],
    ['no item', { ...valid, options: { session: 'user' } }, 'ARTIFACT_INVALID', /item/],
    [
      'a vocabulary too many',
      { ...valid, vocabularies: { ...valid.vocabularies, x: {} } },
      'ARTIFACT_INVALID',
      /item/,
    ],
    ['a vocabulary missing', { ...valid, vocabularies: {} }, 'ARTIFACT_INVALID', /item/],
    ['a number as value', vocabularies({ values: [1], counts: [1] }), 'ARTIFACT_INVALID', /strings/],
    ['an empty value', vocabularies({ values: [''], counts: [1] }), 'ARTIFACT_INVALID', /not empty/],
    ['a value twice', vocabularies({ values: ['a', 'a'], counts: [1, 1] }), 'ARTIFACT_INVALID', /once/],
    [
      'a count missing',
      vocabularies({ values: ['a', 'b'], counts: [1] }),
      'ARTIFACT_INVALID',
      /each of the 2/,
    ],
    ['half a count', vocabularies({ values: ['a'], counts: [0.5] }), 'ARTIFACT_INVALID', /whole/],
  ]
  test('the valid one is valid', () => {
    expect(fittedWorkflowFromJson(valid).vocabularies['item']!.encode('b')).toBe(3)
  })
  test.each(bad)('refuses %s', (_what, json, code, message) => {
    expect(() => fittedWorkflowFromJson(json)).toThrow(message)
    expect(() => fittedWorkflowFromJson(json)).toThrow(expect.objectContaining({ code }) as Error)
  })
})

test('what a browser needs reaches no reader of files and no package', () => {
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    const source = readFileSync(file, 'utf8')
    for (const [, clause, from] of source.matchAll(/^(?:import|export) ([^'"]*?)from '([^']+)'/gms)) {
      if (clause!.startsWith('type ')) continue
      expect(from).toMatch(/^\.\.?\//)
      visit(fileURLToPath(new URL(from!, `file://${file}`)))
    }
  }
  visit(fileURLToPath(new URL('./fitted-workflow-from-json.ts', import.meta.url)))
  expect([...seen].filter((file) => file.includes('/events/'))).toEqual([])
  expect([...seen].some((file) => file.endsWith('encode-events.ts'))).toBe(true)
})
