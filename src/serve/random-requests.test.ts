import type { FastifyInstance } from 'fastify'
import { test } from 'vitest'
import { askAtRandom } from './random-requests.test-support.ts'
import { routes } from './routes/index.ts'
import { keyOptions, served } from './served.test-support.ts'

/** 20,000 in all, spread over the routes; `test/serve-random.long.test.ts` asks a million times. */
const runs = Math.ceil(20_000 / routes.length)

test('random requests to every route', { timeout: 300_000 }, async () => {
  const apps = new Map<string, FastifyInstance>()
  await served(
    { keys: keyOptions, admin: {}, limits: { ratePerSecond: 1e9, rateBurst: 1e9 } },
    { seams: { onListener: (kind, app) => apps.set(kind, app) } },
  )
  for (const route of routes) await askAtRandom(apps.get(route.listener)!, route, { runs, seed: 7 })
})
