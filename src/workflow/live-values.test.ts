import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { expressions as f } from '../expressions/index.ts'
import { encodedInputs } from './model-inputs.ts'
import { openPrepared } from './prepared-sessions.ts'
import { prepare } from './prepare.ts'
import { workflow } from './workflow.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-live-values-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a number that 32 bits do not hold is missing to a model: in memory, in files and online', async () => {
  const price = f.column('price', 'number')
  const prices = [1, 3.4e38, 3.5e38, -1e300, 0.1]
  const path = join(folder, 'prices.jsonl')
  const events = prices.map((each) => ({ session: 's', item: 'a', price: each }))
  writeFileSync(path, events.map((event) => JSON.stringify(event)).join('\n'))
  const functions = { square: (each: number) => each * each }
  const fitted = await workflow({
    session: 'session',
    item: 'item',
    features: {
      price,
      own: f.javascript('square', [f.choose(f.less(price, 1e30), 1e150, 1)], { type: 'number' }),
    },
    context: { last: f.multiply(f.first(price), 1e300) },
    functions,
  }).fit({ path })
  const expected = {
    price: Float32Array.of(1, 3.4e38, NaN, NaN, 0.1),
    own: Float32Array.of(NaN, 1, 1, NaN, NaN),
  }
  expect((await fitted.transform({ path })).continuous).toEqual(expected)
  const live = fitted.encode(events)
  expect(encodedInputs(fitted.definition, live).continuous).toEqual(expected)
  // A table has 64 bits, as what is encoded.
  const table = await fitted.table({ path })
  expect([table.features['price'], live.features['price']]).toEqual([prices, prices])
  const out = join(folder, 'prepared')
  await prepare(fitted, { path }, { out })
  const read = await openPrepared(out, { functions })
  expect((await read.sessions()).continuous).toEqual(expected)
})

const time = f.column('ts', 'time')

async function timed() {
  const path = join(folder, 'times.csv')
  writeFileSync(path, 'session,item,ts,seconds,name\ns,a,2020-01-01T10:00:00Z,1577872800,x\n')
  return workflow({
    session: 'session',
    item: 'item',
    time: 'ts',
    features: {
      hour: f.hour(time),
      seconds: f.column('seconds', 'seconds'),
      name: f.category('name'),
    },
  }).fit({ path })
}

test('a date is a time, whatever the column counts in', async () => {
  const fitted = await timed()
  const at = new Date('2020-01-01T10:00:00Z')
  const { features } = fitted.encode([{ item: 'a', ts: at, seconds: at }])
  expect([features['hour'], features['seconds']]).toEqual([[10], [at.getTime()]])
})

test.each<readonly [string, object, string, RegExp]>([
  ['an invalid date', { item: 'a', ts: new Date(NaN) }, 'COLUMN_INVALID', /received an invalid Date/],
  [
    'a date for a text',
    { item: 'a', ts: 0, name: new Date(0) },
    'COLUMN_INVALID',
    /the Date 1970-01-01T00:00:00.000Z, which is good for times alone: write it as ISO text or as milliseconds/,
  ],
  ['an item that is null', { item: null, ts: 0 }, 'COLUMN_MISSING', /expects an id in 'item'.*received null/],
  ['an item without a letter', { item: '', ts: 0 }, 'COLUMN_MISSING', /expects an id in 'item'.*received ""/],
  [
    'a value under another spelling of a name',
    { item: 'a', ts: 0, Name: 'x' },
    'COLUMN_MISSING',
    /has 'Name' and no 'name', which the workflow reads/,
  ],
  ['an item under another spelling', { item_: 'a', ts: 0 }, 'COLUMN_MISSING', /has 'item_' and no 'item'/],
  ['no item', { ts: 0 }, 'COLUMN_MISSING', /has no 'item', the item; it has ts/],
])('%s is refused', async (_, event, code, says) => {
  const fitted = await timed()
  const encode = (): unknown => fitted.encode([event as never])
  expect(encode).toThrow(says)
  expect(encode).toThrow(expect.objectContaining({ code }) as Error)
})

test('names that no column has are of the events, and so is another spelling beside the right one', async () => {
  const fitted = await timed()
  const event = { item: 'a', ts: 0, name: 'x' }
  const plain = fitted.encode([event])
  expect(fitted.encode([{ ...event, Name: 'y', colour: 'red', Session: 's' }])).toEqual(plain)
  expect(() => fitted.checkEvent({ item: 'a', ts: 0, NAME: 'x' })).toThrow(/has 'NAME' and no 'name'/)
})

test('a text keeps the byte order mark that it begins with: in files, what is learnt, what functions see, and online', async () => {
  const marked = '\ufeffa'
  const path = join(folder, 'marks.jsonl')
  const events = [marked, 'a', `${marked} and a text of more than twelve bytes`].map((item) => ({
    session: marked,
    item,
  }))
  writeFileSync(path, events.map((event) => JSON.stringify(event)).join('\n'))
  const item = f.column('item', 'text')
  const own = workflow({
    session: 'session',
    item: 'item',
    features: { raw: item, length: f.javascript('length', [item], { type: 'number' }) },
    functions: { length: (text: string) => text.length },
  })
  const fitted = await own.fit({ path })
  const table = await fitted.table({ path })
  expect(table.features['raw']).toEqual(events.map(({ item: text }) => text))
  expect(table.features['length']).toEqual(fitted.encode(events).features['length'])
  expect(table.sessionIds).toEqual([marked])
  const lone = await workflow({ session: 'session', item: 'item' }).fit({ path })
  expect([...lone.vocabulary('item').values].sort()).toEqual(events.map(({ item: text }) => text).sort())
})
