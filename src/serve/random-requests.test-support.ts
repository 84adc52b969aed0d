import type { FastifyInstance } from 'fastify'
import fc from 'fast-check'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { expect } from 'vitest'
import { errorCodes } from '../errors.ts'
import { endpoints, type EndpointName } from './api/endpoints.ts'
import { schemas, type EndpointSchemas } from './api/schemas.ts'
import { problems } from './problems.ts'
import type { Route } from './route.ts'
import { keys } from './served.test-support.ts'

const NASTY = [
  '__proto__', 'constructor', 'prototype', 'toString', '../../etc/passwd', '..%2f..%2fetc%2fpasswd', '%00', '\u0000', '\ud800',
  '${7*7}', "' or 1=1; --", '<script>', 'NaN', '-1', '1e309', 'a'.repeat(2000), 'shop', 's1', 'i3', 'item', 'items', '.', '..', '',
] // prettier-ignore

const nasty = fc.constantFrom(...NASTY)
const strange = fc.oneof(
  nasty,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, -1, 0, 1e308, 2 ** 53, 0.5, true, [], {}, [[]], [null]),
)

/** Values that mostly are what a schema says, and now and then are not. */
function valueOf(schema: TSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: fittingValue(schema) }, { weight: 1, arbitrary: strange })
}

interface JsonSchema {
  readonly type?: string
  readonly anyOf?: readonly TSchema[]
  readonly properties?: Readonly<Record<string, TSchema>>
  readonly required?: readonly string[]
  readonly patternProperties?: Readonly<Record<string, TSchema>>
  readonly items?: TSchema
  readonly minItems?: number
  readonly minimum?: number
  readonly maximum?: number
}

function fittingValue(schema: TSchema): fc.Arbitrary<unknown> {
  const {
    type,
    anyOf,
    properties,
    patternProperties,
    items,
    required = [],
    minItems = 0,
    minimum,
    maximum,
  } = schema as JsonSchema
  if (properties !== undefined) {
    const entries = Object.entries(properties)
    return fc
      .tuple(
        fc.record(Object.fromEntries(entries.map(([name, each]) => [name, valueOf(each)])), {
          requiredKeys: required.filter((name) => name in properties),
        }),
        fc.option(fc.tuple(nasty, strange), { freq: 20 }),
      )
      .map(([value, more]) => (more === null ? value : Object.fromEntries([...Object.entries(value), more])))
  }
  if (patternProperties !== undefined)
    return fc.dictionary(
      fc.oneof(fc.constantFrom('item', 'colour', 'shop'), nasty),
      valueOf(Object.values(patternProperties)[0]!),
      { maxKeys: 4 },
    )
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(valueOf))
  if (type === 'array' && items !== undefined)
    return fc.array(valueOf(items), { minLength: minItems, maxLength: 5 })
  if (type === 'string')
    return fc.oneof(fc.constantFrom('shop', 's1', 'i1', 'i2', 'BYTES', 'items', 'a-b.c'), nasty, fc.string())
  if (type === 'integer') return fc.integer({ min: minimum ?? -2, max: Math.min(maximum ?? 40, 40) })
  if (type === 'number') return fc.double()
  if (type === 'boolean') return fc.boolean()
  return strange
}

/** A request of a route, as it goes over the wire. */
function requestOf(
  route: Route,
): fc.Arbitrary<{ url: string; body: string | undefined; headers: Record<string, string> }> {
  const { method, path } = endpoints[route.name]
  const { body }: EndpointSchemas = schemas[route.name]
  const part = fc.oneof(fc.constantFrom('s1', 'shop', 'nobody'), nasty, fc.string())
  const text = fc.oneof(
    {
      weight: 15,
      arbitrary: (body === undefined ? strange : valueOf(body)).map((value) => JSON.stringify(value)),
    },
    { weight: 1, arbitrary: fc.string() },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '{"__proto__": {"polluted": 1}}',
        '{"constructor": {"prototype": {"polluted": 1}}}',
        '['.repeat(5000),
        '{"a":1',
        'null',
        '',
      ),
    },
  )
  const key = fc.oneof(
    { weight: 8, arbitrary: fc.constant(route.scope === 'none' ? undefined : keys[route.scope]) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, 'wrong-key', ...Object.values(keys)) },
  )
  const type = fc.oneof(
    { weight: 15, arbitrary: fc.constant('application/json') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'text/plain',
        'application/json; charset=utf-8',
        'application/json\t; x',
        'a/b',
        'multipart/form-data',
      ),
    },
  )
  return fc.record({ part, text, key, type, encoded: fc.boolean() }).map((given) => ({
    url: path.replace(/:\w+/, () =>
      given.encoded
        ? encodeURIComponent(Buffer.from(given.part).toString())
        : given.part.replace(/[^\x21-\x7e]|[?#]/g, '%00') || 'x',
    ),
    body: method === 'GET' || method === 'DELETE' ? undefined : given.text,
    headers: {
      ...(method !== 'GET' && method !== 'DELETE' && { 'content-type': given.type }),
      ...(given.key !== undefined && { authorization: `Bearer ${given.key}` }),
    },
  }))
}

/** What tells of the inside of a server. */
const INSIDE = /node_modules|file:\/\/|\.[jt]s:\d|\n\s+at |\/tmp\/|\/home\/|\/root\/|process\./
const LONGEST_MS = 1_000
/** Looking for an artifact takes as long as its folder may be away while it is replaced, and the first explanation starts a thread: these may take longer, and loading is asked less often. */
const slow: Readonly<Partial<Record<EndpointName, { readonly runs: number; readonly longestMs: number }>>> = {
  loadModel: { runs: 20, longestMs: 20_000 },
  explain: { runs: Infinity, longestMs: 20_000 },
}

/** Random requests to a route: no crash, no 5xx but 503, nothing of the inside, answers as the schema says, none that takes over a second. */
export async function askAtRandom(
  app: FastifyInstance,
  route: Route,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): Promise<void> {
  const codes = new Set([...Object.keys(problems), ...Object.keys(errorCodes)])
  const { answer }: EndpointSchemas = schemas[route.name]
  await fc.assert(
    fc.asyncProperty(requestOf(route), async ({ url, body, headers }) => {
      const started = performance.now()
      const reply = await app.inject({
        method: endpoints[route.name].method,
        url,
        headers,
        ...(body !== undefined && { payload: body }),
      })
      expect(performance.now() - started).toBeLessThan(slow[route.name]?.longestMs ?? LONGEST_MS)
      expect(reply.statusCode < 500 || reply.statusCode === 503).toBe(true)
      if (reply.statusCode === 200) {
        if (route.contentType === undefined) expect(Value.Check(answer, reply.json())).toBe(true)
        return
      }
      expect(reply.body).not.toMatch(INSIDE)
      const { code, error } = reply.json<{ code?: string; error?: string }>()
      expect(codes).toContain(code ?? error?.split(':')[0])
      expect(reply.headers['x-request-id']).toMatch(/^[\w-]{36}$/)
    }),
    { numRuns: Math.min(runs, slow[route.name]?.runs ?? runs), seed, endOnFailure: true },
  )
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
}
