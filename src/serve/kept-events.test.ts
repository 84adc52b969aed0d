import { expect, test } from 'vitest'
import { tiny } from '../artifact/tiny-model.test-support.ts'
import type { Event } from '../workflow/index.ts'
import { readableEvents, toKeep } from './kept-events.ts'
import { itemsOf, saved, served } from './served.test-support.ts'

const timed = tiny({ sides: true, times: true }).workflow
const reader = {
  itemColumn: 'item',
  timeColumn: timed.timeColumn,
  checkEvent: (event: Event) => timed.checkEvent(event),
}
const ARRIVED = Date.UTC(2026, 0, 2)
const asRead = (event: object) => event as never

test.each([
  { item: 'a', price: 1 },
  { item: 'a', price: '2.5', at: ARRIVED },
  { item: 'a', price: 'cheap' },
  { item: 'a', Price: 1 },
  { item: 'a', at: 'yesterday' },
  { item: 'a', at: 1_700_000_000 },
  { item: 'a', price: '', at: '' },
  { item: '\uD800' },
])('an event can be kept where a session of it alone can be read: %j', (event) => {
  const fails = (call: () => unknown): boolean => {
    try {
      call()
      return false
    } catch {
      return true
    }
  }
  expect(fails(() => timed.checkEvent(asRead(event)))).toBe(fails(() => timed.encode([asRead(event)])))
})

test('an event without a time happened when it came, and others keep theirs', () => {
  const values = (given?: Record<string, string | number>) =>
    toKeep({ id: '1', event: { item: 'a', ...(given && { values: given }) } }, reader, ARRIVED).event.values
  expect(values()).toEqual({ at: '2026-01-02T00:00:00.000Z' })
  expect(values({ price: 3, at: '' })).toEqual({ price: 3, at: '2026-01-02T00:00:00.000Z' })
  expect(values({ at: ARRIVED + 5 })).toEqual({ at: ARRIVED + 5 })
  expect(timed.encode([asRead({ item: 'a', ...values() })]).times).toEqual([ARRIVED])
  expect(() => values({ price: 'cheap' })).toThrow(expect.objectContaining({ code: 'COLUMN_INVALID' }))
})

test('what another model kept is read as far as this one can', () => {
  const kept = [
    { item: 'a', values: { price: 'cheap', at: ARRIVED } },
    { item: 'b' },
    { item: '\uD800' },
    { item: 'c', values: { price: 3, at: 'yesterday', colour: 'red' } },
    // The column was spelled so then.
    { item: 'd', values: { Price: 3, colour: 'red' } },
  ]
  const read = readableEvents(kept, reader)
  expect(read).toEqual([
    { item: 'a', values: { at: null } },
    { item: 'b', values: { at: null } },
    { item: 'c', values: { price: 3, colour: 'red', at: null } },
    { item: 'd', values: { colour: 'red', at: null } },
  ])
  const readable = [{ item: 'a', values: { at: ARRIVED } }]
  expect(readableEvents(readable, reader)).toEqual(readable)
})

test('a value that the model cannot read is refused with its event, and none of the request is taken', async () => {
  const { ask } = await served({}, { model: { sides: true } })
  const send = (price: unknown, column = 'price') =>
    ask('POST', '/v1/events', {
      body: {
        events: [
          { id: '1', session: 's', item: 'i3', values: { price: 1 } },
          { id: '2', session: 's', item: 'i4', values: { [column]: price } },
        ],
      },
    })
  const refused = await send('cheap')
  expect(refused.status).toBe(400)
  expect(refused.json).toMatchObject({ code: 'COLUMN_INVALID' })
  expect((refused.json as { message: string }).message).toMatch(/^events\[1\]: 'price' expects a number/)
  expect(await send(2, 'Price')).toMatchObject({
    status: 400,
    json: { code: 'COLUMN_MISSING', message: expect.stringMatching(/^events\[1\]: .*'Price'/) as string },
  })
  expect((await ask('GET', '/v1/sessions/s')).json).toEqual({ session: 's', events: [] })
  expect((await send('2')).json).toEqual({ accepted: 2, known: 0 })
  expect((await ask('POST', '/v1/recommend', { body: { session: 's' } })).status).toBe(200)
})

test('a session goes on where the model is replaced by one that reads its values otherwise', async () => {
  const { ask, server } = await served({}, { model: {} })
  await ask('POST', '/v1/events', {
    body: { events: [{ id: '1', session: 's', item: 'i3', values: { price: 'cheap', colour: 'c1' } }] },
  })
  await server.models.load(
    'shop',
    await saved(server.models.named('shop').current.folder + '/..', 'next', { sides: true }),
  )
  for (const path of ['/v1/recommend', '/v1/similar'])
    expect((await ask('POST', path, { body: { session: 's' } })).status).toBe(200)
  expect((await ask('POST', '/v1/explain', { body: { session: 's', item: 'i9' } })).status).toBe(200)
  const read = await ask('POST', '/v1/recommend', { body: { session: 's', k: 5 } })
  const told = await ask('POST', '/v1/recommend', {
    body: { events: [{ item: 'i3', values: { colour: 'c1' } }], k: 5 },
  })
  expect(itemsOf(read)).toEqual(itemsOf(told))
})

test('an event whose values name another item is refused, and nothing of its request is taken', async () => {
  const { ask } = await served({}, { model: { sides: true } })
  const contrary = [{ item: 'i3' }, { item: 'i4', values: { item: 'i5' } }]
  const sent = contrary.map((event, at) => ({ ...event, id: String(at), session: 's' }))
  for (const [path, body] of [
    ['events', { events: sent }],
    ['recommend', { events: contrary }],
    ['similar', { events: contrary }],
    ['explain', { events: contrary, item: 'i9' }],
  ] as const)
    expect(await ask('POST', `/v1/${path}`, { body })).toMatchObject({
      status: 400,
      json: { code: 'COLUMN_INVALID', message: expect.stringMatching(/'i4'.*'i5' in 'item'/) as string },
    })
  expect((await ask('GET', '/v1/sessions/s')).json).toEqual({ session: 's', events: [] })
  const told = (values: object) =>
    ask('POST', '/v1/recommend', { body: { events: [{ item: 'i4', values }] } })
  for (const item of ['i4', '', null]) expect(itemsOf(await told({ item }))).toEqual(itemsOf(await told({})))
})

test('a session beside events only says which model answers', async () => {
  const { ask } = await served()
  await ask('POST', '/v1/events', { body: { events: [{ id: '1', session: 's', item: 'i3' }] } })
  const asked = async (body: object) => itemsOf(await ask('POST', '/v1/recommend', { body }))
  const events = [{ item: 'i9' }]
  expect(await asked({ session: 's', events })).toEqual(await asked({ events }))
  expect(await asked({ session: 's' })).not.toEqual(await asked({ events }))
})

test('where the column of the item is another one than when an event was kept, its value there does not count', () => {
  const kept = [{ item: 'a', values: { item: 'b', price: 3 } }]
  expect(readableEvents(kept, { ...reader, timeColumn: undefined })).toEqual([
    { item: 'a', values: { price: 3 } },
  ])
})
