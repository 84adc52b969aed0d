import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { expressions as e } from '../expressions/index.ts'
import { dropLowCardinality } from './drop-low-cardinality.ts'
import { fittedWorkflowFromJson } from './fitted-workflow-from-json.ts'
import { workflow as createWorkflow } from './workflow.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-drop-'))
afterAll(() => rmSync(folder, { recursive: true }))
const events = (
  [
    ['a', 'x', 'shop', 'red', 1],
    ['a', 'y', 'shop', 'blue', 2],
    ['b', 'x', 'shop', 'red', 3],
    ['b', 'z', 'shop', 'green', 5],
    ['b', 'x', 'shop', 'red', 8],
  ] as const
).map(([session, item, site, colour, price]) => ({ session, item, site, colour, price }))
const source = { path: join(folder, 'events.csv') }
writeFileSync(
  source.path,
  `session,item,site,colour,price\n${events.map((event) => Object.values(event).join(',')).join('\n')}\n`,
)

const price = e.column('price', 'number')
const site = e.column('site', 'text')
const letters = e.javascript('letters', [site], { type: 'text' })
const options = {
  session: 'session',
  item: 'item',
  // A stage of its own, in which a state is learnt.
  steps: [{ keep: e.less(e.minMax(price), 2) }],
  features: {
    site: e.categorify(site),
    spelled: e.categorify(letters),
    colour: e.categorify(e.column('colour', 'text')),
    pair: e.categorify([site, e.column('colour', 'text')]),
    hashed: e.hashBucket(site, 10),
    scaled: e.normalize(price),
    rated: e.targetEncode(price, { by: site, fold: e.column('session', 'text') }),
    bucketed: e.categorify(site, { buckets: 3 }),
  },
  context: { where: e.categorify(site), mean: e.normalize(e.sessionMean(price)) },
  schema: { site: { tags: ['user'] }, colour: { tags: ['item'] } },
  functions: { letters: (text: string | null) => text },
}
const fitted = await createWorkflow(options).fit(source)

test('features of one value are dropped; all others and the context stay what they were', async () => {
  const fewer = dropLowCardinality(fitted)
  const kept = ['item', 'colour', 'pair', 'hashed', 'scaled', 'rated', 'bucketed']
  expect(Object.keys(fewer.definition.features)).toEqual(kept)
  expect(fewer.definition.schema).toEqual({ colour: { tags: ['item'] } })
  expect(fewer.definition.functions).toEqual({})
  expect(fewer.vocabulary('colour')).toMatchObject({ values: ['red', 'blue', 'green'], counts: [3, 1, 1] })
  expect(() => fewer.vocabulary('site')).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }))

  const [before, after] = [await fitted.table(source), await fewer.table(source)]
  expect(after.features).toEqual(Object.fromEntries(kept.map((name) => [name, before.features[name]])))
  expect(after.context).toEqual(before.context)
  expect(after.context['where']).toEqual([2, 2])
  const live = events.filter(({ session }) => session === 'b')
  const [old, encoded] = [fitted.encode(live), fewer.encode(live)]
  expect(encoded.features).toEqual(Object.fromEntries(kept.map((name) => [name, old.features[name]])))
  expect(encoded.context).toEqual(old.context)

  const json = JSON.stringify(fewer)
  const loaded = fittedWorkflowFromJson(JSON.parse(json))
  expect(JSON.stringify(loaded)).toBe(json)
  expect(loaded.encode(live)).toEqual(encoded)
})

test('what is kept depends on min, and is what a workflow without the others learns', async () => {
  const fewer = dropLowCardinality(fitted, { min: 4 })
  expect(Object.keys(fewer.definition.features)).toEqual(['item', 'hashed', 'scaled', 'rated', 'bucketed'])
  const { hashed, scaled, rated, bucketed } = options.features
  const alone = { ...options, features: { hashed, scaled, rated, bucketed }, schema: {}, functions: {} }
  expect(JSON.stringify(fewer)).toBe(JSON.stringify(await createWorkflow(alone).fit(source)))
  // Three buckets and one value.
  expect(Object.keys(dropLowCardinality(fitted, { min: 5 }).definition.features)).not.toContain('bucketed')
})

test('the same workflow where nothing is dropped; the item is never', async () => {
  expect(dropLowCardinality(fitted, { min: 1 })).toBe(fitted)
  const alone = await createWorkflow({ session: 'session', item: 'site' }).fit(source)
  expect(dropLowCardinality(alone, { min: 100 })).toBe(alone)
})

test('refused: no feature left, and what is no number of values', async () => {
  const sites = await createWorkflow({ session: 'session', features: { site: e.categorify(site) } }).fit(
    source,
  )
  const invalid = expect.objectContaining({ code: 'OPTION_INVALID' }) as Error
  expect(() => dropLowCardinality(sites)).toThrow(invalid)
  expect(() => dropLowCardinality(fitted, { min: 0 })).toThrow(invalid)
  expect(() => dropLowCardinality(fitted, { minimum: 2 } as object)).toThrow(
    expect.objectContaining({ code: 'OPTION_UNKNOWN' }),
  )
})

test('a time in seconds stays one', async () => {
  const path = join(folder, 'seconds.csv')
  writeFileSync(path, 'session,item,site,at\na,x,shop,1700000000\na,y,shop,1700000060\n')
  const timed = { session: 'session', item: 'item', time: e.column('at', 'seconds') }
  const whole = await createWorkflow({ ...timed, features: { site: e.categorify(site) } }).fit({ path })
  const fewer = dropLowCardinality(whole)
  expect(Object.keys(fewer.definition.features)).toEqual(['item'])
  expect(fewer.encode([{ item: 'x', at: 1_700_000_000 }]).times).toEqual([1_700_000_000_000])
})
