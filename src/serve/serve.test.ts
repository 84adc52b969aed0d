import { expect, test } from 'vitest'
import { itemsOf, served } from './served.test-support.ts'

const sent = (session: string, ...items: readonly string[]): object => ({
  events: items.map((item, at) => ({ id: `${session}-${at}-${item}`, session, item })),
})

test('an event is in the next recommendation of its session', async () => {
  const { ask } = await served()
  const before = await ask('POST', '/v1/recommend', { body: { session: 's1' } })
  expect(before).toMatchObject({ status: 200, json: { fallback: 'popularity', model: 'shop', unknown: [] } })
  expect((await ask('POST', '/v1/events', { body: sent('s1', 'i3', 'i4') })).json).toEqual({
    accepted: 2,
    known: 0,
  })
  const after = await ask('POST', '/v1/recommend', { body: { session: 's1', k: 30 } })
  expect(after.status).toBe(200)
  const items = itemsOf(after)
  expect(items).toHaveLength(28)
  expect(items).not.toContain('i3')
  expect(after.json).not.toHaveProperty('fallback')
  const direct = await ask('POST', '/v1/recommend', {
    body: { events: [{ item: 'i3' }, { item: 'i4' }], k: 30 },
  })
  expect(direct.json).toEqual(after.json)
})

test('an event that is sent again is taken once', async () => {
  const { ask } = await served()
  await ask('POST', '/v1/events', { body: sent('s1', 'i3', 'i4') })
  expect((await ask('POST', '/v1/events', { body: sent('s1', 'i3', 'i4') })).json).toEqual({
    accepted: 0,
    known: 2,
  })
  expect((await ask('GET', '/v1/sessions/s1')).json).toEqual({
    session: 's1',
    events: [{ item: 'i3' }, { item: 'i4' }],
  })
  expect((await ask('DELETE', '/v1/sessions/s1')).json).toEqual({ removed: true })
  expect((await ask('GET', '/v1/sessions/s1')).json).toEqual({ session: 's1', events: [] })
  expect((await ask('DELETE', '/v1/sessions/s1')).json).toEqual({ removed: false })
  // Many callers name the type of a body that is not there.
  const headers = { 'content-type': 'application/json' }
  expect(await ask('DELETE', '/v1/sessions/s1', { headers })).toMatchObject({ status: 200 })
  expect(await ask('DELETE', '/v1/sessions/s1', { headers, body: '{' })).toMatchObject({ status: 400 })
  expect(await ask('POST', '/v1/recommend', { headers, body: '' })).toMatchObject({ status: 400 })
})

test('names of sessions that an address would read otherwise are refused', async () => {
  const { ask } = await served()
  for (const session of ['.', '..'])
    expect((await ask('POST', '/v1/events', { body: sent(session, 'i3') })).status).toBe(400)
})

test('models that none is asked of, and keys that no header holds, are refused before anything is loaded', async () => {
  await expect(served({ models: [{ name: 'shop', folder: 'nowhere', weight: 0 }] })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
  await expect(
    served({ keys: [{ name: 'long', key: 'k'.repeat(600), scopes: ['read'] }] }),
  ).rejects.toMatchObject({ code: 'KEYS_INVALID' })
})
