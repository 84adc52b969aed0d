import { expect, test } from 'vitest'
import { served } from './served.test-support.ts'

const values = (x: unknown) => ({ events: [{ item: 'a', values: { x } }] })
const item = (more: object) => ({ items: [{ item: 'a', ...more }] })
const scalar = 'body/events/0/values/x must be string, number, boolean or null'

test.each<[what: string, path: string, body: unknown, message: string]>([
  ['half a JSON', 'recommend', '{"session":', 'The body is no JSON.'],
  ['what would change JavaScript', 'recommend', '{"__proto__": 1}', 'The body is no JSON.'],
  ['no body', 'recommend', '', 'A body is needed, and there is none: JSON, such as {}.'],
  ['a list', 'recommend', [], 'body must be object'],
  ['nothing to go by', 'recommend', {}, 'body must have session or events'],
  ['nothing to be like', 'similar', {}, 'body must have item, session or events'],
  ['nothing to explain', 'explain', { item: 'a' }, 'body must have session or events'],
  [
    'another method',
    'explain',
    { item: 'a', session: 's', method: 'x' },
    "body/method must be 'leave-one-out' or 'gradient'",
  ],
  ['a misspelt name', 'recommend', { session: 's', sesion: 1 }, "body must not have 'sesion'"],
  ['a large k', 'recommend', { session: 's', k: 501 }, 'body/k must be <= 500'],
  ['a list as a value', 'recommend', values([]), scalar],
  [
    'a long text as a value',
    'recommend',
    values('x'.repeat(1025)),
    'body/events/0/values/x must NOT have more than 1024 characters',
  ],
  [
    'an object as an attribute',
    'catalogue/items',
    item({ attributes: { price: {} } }),
    'body/items/0/attributes/price must be string, number, boolean, array or null',
  ],
  [
    'a number in a list of texts',
    'catalogue/items',
    item({ attributes: { price: [1] } }),
    'body/items/0/attributes/price/0 must be string',
  ],
  ['a time in text', 'catalogue/items', item({ from: 'x' }), 'body/items/0/from must be number or null'],
  [
    'a time after all times',
    'catalogue/items',
    item({ from: 1e300 }),
    'body/items/0/from must be <= 8640000000000000',
  ],
])('%s: what is wrong is said', async (_, path, body, message) => {
  const { ask } = await served({ catalogue: { attributes: { price: 'number' } } })
  const answer = await ask('POST', `/v1/${path}`, { body, headers: { 'content-type': 'application/json' } })
  expect(answer).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } })
  expect((answer.json as { readonly message: string }).message).toContain(message)
})
