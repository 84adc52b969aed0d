import { expect, test } from 'vitest'
import { loader, served } from './served.test-support.ts'

/** A server that has room for one, and answers it when it is told to. */
async function full() {
  const load = loader()
  const ends: (() => void)[] = []
  let holds = false
  const { ask } = await served(
    { limits: { scoring: 1, waiting: 0 } },
    {
      seams: {
        load: async (folder) => {
          const recommender = await load(folder)
          return {
            ...recommender,
            recommend: async (...given) => {
              if (holds) await new Promise<void>((done) => ends.push(done))
              return recommender.recommend(...given)
            },
          }
        },
      },
    },
  )
  const recommend = (body: unknown = { events: [{ item: 'i1' }] }) => ask('POST', '/v1/recommend', { body })
  holds = true
  const first = recommend()
  while (ends.length === 0) await new Promise((done) => setTimeout(done, 5))
  holds = false
  return { ask, recommend, first, end: () => ends.shift()!() }
}

test('what cannot be scored in time is refused before anything of it is read, and the rest is answered', async () => {
  const { ask, recommend, first, end } = await full()
  // Neither is what the address expects, and nobody looks.
  for (const body of [{ events: [{ item: 'i1' }] }, 'not even JSON', `"${'x'.repeat(300_000)}"`]) {
    const refused = await recommend(body)
    expect(refused).toMatchObject({
      status: 503,
      json: { code: 'OVERLOADED', requestId: refused.headers.get('x-request-id') },
    })
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(refused.headers.get('content-type')).toContain('application/json')
  }
  const tensors = { inputs: [{ name: 'item', datatype: 'BYTES', shape: [1, 1], data: ['i1'] }] }
  const inferred = await ask('POST', '/v2/models/shop/infer', { body: tensors })
  expect(inferred).toMatchObject({
    status: 503,
    json: { error: expect.stringContaining('OVERLOADED') as string },
  })
  expect((await ask('GET', '/v1/models')).status).toBe(200)
  expect((await ask('GET', '/v1/recommend')).status).toBe(404)

  const { text } = await ask('GET', '/metrics')
  expect(text).toContain('ensuite_refused_total{code="OVERLOADED"} 4')
  expect(text).toContain('ensuite_request_duration_seconds_count{route="/v1/recommend",status="503"} 3')

  end()
  expect((await first).status).toBe(200)
  expect((await recommend()).status).toBe(200)
})

test('many sessions of one request are one task, and one model answers them', async () => {
  const { ask } = await served({ limits: { scoring: 1, waiting: 2 } })
  const data = Array.from({ length: 64 }, (_, at) => `i${at % 30}`)
  const body = { inputs: [{ name: 'item', datatype: 'BYTES', shape: [64, 1], data }] }
  const answers = await Promise.all([0, 1, 2].map(() => ask('POST', '/v2/models/shop/infer', { body })))
  for (const { status, json } of answers) {
    expect(status).toBe(200)
    expect(json).toMatchObject({ outputs: [{ name: 'items', shape: [64, 10] }, { name: 'scores' }] })
  }
})
