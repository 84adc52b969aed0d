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
import { keyOptions, keys, served } from './served.test-support.ts'

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

/** What a schema does not say: values of these properties that mean something, of the tiny model and the catalogue that is served. */
const MEANT: Readonly<Record<string, readonly unknown[]>> = {
  rules: [
    {},
    { caps: [{ attribute: 'brand', most: 2 }] },
    { filter: { attribute: 'price', below: 10 }, hide: ['i1'] },
    { boosts: [{ when: { attribute: 'brand', is: 'Ada' }, add: 2 }] },
    { diversity: { weight: 0.5 } },
  ],
  filter: [{ attribute: 'price', below: 10 }, { not: { attribute: 'brand', is: 'Ada' } }],
  attributes: [{}, { price: 3.5 }, { brand: 'Ada', price: 12 }],
  from: [0, 1.7e12, null],
  until: [2e12, 4e12, null],
  columns: [{}, { colour: 'red' }],
  vectors: [{}],
  item: ['i1', 'i2', 'i3', 'i7', 'nobody', '日本 🛒'],
  model: ['shop'],
  artifact: ['shop'],
  weights: [{ shop: 1 }, { shop: 0.5 }],
  inputs: [
    [{ name: 'item', datatype: 'BYTES', shape: [1, 2], data: ['i1', 'i2'] }],
    [{ name: 'item', datatype: 'BYTES', shape: [2, 2], data: ['i1', 'i2', 'i3', ''] }],
  ],
  outputs: [[{ name: 'items' }], [{ name: 'items' }, { name: 'scores' }]],
}
const TEXTS = ['shop', 's1', 'i1', 'i2', 'i3', 'BYTES', 'items', 'a-b.c']

interface Manner {
  /** Whether values now and then are not what the schema says. */
  readonly strange: boolean
}

function valueOf(schema: TSchema, manner: Manner): fc.Arbitrary<unknown> {
  const fitting = fittingValue(schema, manner)
  if (!manner.strange) return fitting
  return fc.oneof({ weight: 12, arbitrary: fitting }, { weight: 1, arbitrary: strange })
}

interface JsonSchema {
  readonly type?: string
  readonly anyOf?: readonly TSchema[]
  readonly properties?: Readonly<Record<string, TSchema>>
  readonly required?: readonly string[]
  readonly patternProperties?: Readonly<Record<string, TSchema>>
  readonly items?: TSchema
  readonly minItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
}

function fittingValue(schema: TSchema, manner: Manner): fc.Arbitrary<unknown> {
  const json = schema as JsonSchema
  const { type, anyOf, properties, patternProperties, items, minItems = 0, minimum, maximum } = json
  if (properties !== undefined) return objectOf(json as ObjectSchema, manner)
  if (patternProperties !== undefined)
    return fc.dictionary(
      manner.strange ? fc.oneof(fc.constantFrom('item', 'colour', 'shop'), nasty) : fc.constant('colour'),
      valueOf(Object.values(patternProperties)[0]!, manner),
      { maxKeys: 4 },
    )
  if (anyOf !== undefined) return fc.oneof(...anyOf.map((each) => valueOf(each, manner)))
  if (json.const !== undefined) return fc.constant(json.const)
  if (type === 'array' && items !== undefined)
    return fc.array(valueOf(items, manner), { minLength: minItems, maxLength: 5 })
  if (type === 'string') return textOf(json, manner)
  if (type === 'integer') return fc.integer({ min: minimum ?? -2, max: Math.min(maximum ?? 40, 40) })
  if (type === 'number')
    return manner.strange
      ? fc.double()
      : fc.double({ min: minimum ?? -1e9, max: maximum ?? 1e9, noNaN: true, noDefaultInfinity: true })
  if (type === 'boolean') return fc.boolean()
  return strange
}

type ObjectSchema = JsonSchema & Required<Pick<JsonSchema, 'properties'>>

/** With one of the alternatives that the schema asks for, and in a strange manner with a property more. */
function objectOf({ properties, required = [], anyOf }: ObjectSchema, manner: Manner): fc.Arbitrary<unknown> {
  const alternatives = (anyOf as readonly JsonSchema[] | undefined)?.map((each) => each.required ?? [])
  const record = (also: readonly string[], left: readonly string[]): fc.Arbitrary<object> =>
    fc.record(
      Object.fromEntries(
        Object.entries(properties)
          .filter(([name]) => !left.includes(name))
          .map(([name, each]) => [
            name,
            !manner.strange && name in MEANT ? fc.constantFrom(...MEANT[name]!) : valueOf(each, manner),
          ]),
      ),
      { requiredKeys: [...required, ...also].filter((name) => name in properties) },
    )
  const value =
    alternatives === undefined
      ? record([], [])
      : fc.oneof(
          ...alternatives.map((own) =>
            record(own, manner.strange ? [] : alternatives.flat().filter((name) => !own.includes(name))),
          ),
        )
  if (!manner.strange) return value
  const more = fc.oneof(
    { weight: 19, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.tuple(nasty, strange) },
  )
  return fc
    .tuple(value, more)
    .map(([own, one]) => (one === undefined ? own : Object.fromEntries([...Object.entries(own), one])))
}

function textOf(
  { pattern, minLength = 0, maxLength = 64 }: JsonSchema,
  manner: Manner,
): fc.Arbitrary<string> {
  const known = TEXTS.filter((text) => pattern === undefined || new RegExp(pattern).test(text))
  if (manner.strange) return fc.oneof(fc.constantFrom(...known), nasty, fc.string())
  if (pattern !== undefined) return fc.constantFrom(...known)
  return fc.oneof(fc.constantFrom(...known), fc.string({ minLength, maxLength: Math.min(maxLength, 64) }))
}

/** A server that answers every route, and its listeners. */
export async function servedAtRandom(
  kind: 'model' | 'baseline',
): Promise<ReadonlyMap<Route['listener'], FastifyInstance>> {
  const apps = new Map<Route['listener'], FastifyInstance>()
  await served(
    {
      keys: keyOptions,
      admin: {},
      limits: { ratePerSecond: 1e9, rateBurst: 1e9 },
      catalogue: { attributes: { brand: 'text', price: 'number' } },
    },
    {
      ...(kind === 'baseline' && { baseline: {} }),
      seams: { onListener: (listener, app) => apps.set(listener, app) },
    },
  )
  return apps
}

/** A request of a route, as it goes over the wire. */
function requestOf(
  route: Route,
): fc.Arbitrary<{ url: string; body: string | undefined; headers: Record<string, string> }> {
  const { method, path } = endpoints[route.name]
  const { body }: EndpointSchemas = schemas[route.name]
  const part = fc.oneof(
    {
      weight: 6,
      arbitrary: path.includes(':item')
        ? fc.constantFrom('i1', 'i2', 'i3')
        : fc.constant(path.includes(':model') ? 'shop' : 's1'),
    },
    { weight: 1, arbitrary: fc.constantFrom('s1', 'shop', 'nobody') },
    { weight: 1, arbitrary: nasty },
    { weight: 1, arbitrary: fc.string() },
  )
  const text = fc.oneof(
    {
      weight: 15,
      arbitrary: (body === undefined ? strange : valueOf(body, { strange: true })).map((value) =>
        JSON.stringify(value),
      ),
    },
    // Half of all is what the address expects, so that what is behind the checks is asked, too.
    {
      weight: 17,
      arbitrary: (body === undefined ? fc.constant({}) : valueOf(body, { strange: false })).map((value) =>
        JSON.stringify(value),
      ),
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

/** Of the requests to a route so many at least are to be answered with 200: else what is behind the checks was not tested. */
const LEAST_ANSWERED = 0.05

/** Random requests to a route: no crash, no 5xx but 503, nothing of the inside, answers as the schema says, none that takes over a second. */
export async function askAtRandom(
  app: FastifyInstance,
  route: Route,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): Promise<void> {
  const codes = new Set([...Object.keys(problems), ...Object.keys(errorCodes)])
  const { answer }: EndpointSchemas = schemas[route.name]
  let [asked, answered] = [0, 0]
  await fc.assert(
    fc.asyncProperty(requestOf(route), async ({ url, body, headers }) => {
      const ask = async () => {
        const started = performance.now()
        const reply = await app.inject({
          method: endpoints[route.name].method,
          url,
          headers,
          ...(body !== undefined && { payload: body }),
        })
        return { reply, ms: performance.now() - started }
      }
      const { reply, ms } = await ask()
      // A route that waits for nothing gives the event loop no turn, in which what a request leaves behind is freed.
      if (asked % 32 === 0) await new Promise(setImmediate)
      const longest = slow[route.name]?.longestMs ?? LONGEST_MS
      // A request that takes long does so again; a machine that was busy with something else does not.
      if (ms >= longest) expect(Math.min((await ask()).ms, (await ask()).ms)).toBeLessThan(longest)
      expect(reply.statusCode < 500 || reply.statusCode === 503).toBe(true)
      asked++
      if (reply.statusCode === 200) {
        answered++
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
  expect(answered / asked, `${route.name}: answered with 200`).toBeGreaterThan(LEAST_ANSWERED)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
}
