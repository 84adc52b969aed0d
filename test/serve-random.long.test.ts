import type { FastifyInstance } from 'fastify'
import { test } from 'vitest'
import { askAtRandom } from '../src/serve/random-requests.test-support.ts'
import { routes } from '../src/serve/routes/index.ts'
import { keyOptions, served } from '../src/serve/served.test-support.ts'

/** A million: `ENSUITE_REQUESTS=1000000 npx vitest run --config vitest.long.config.ts test/serve-random`. */
const REQUESTS = Number(process.env['ENSUITE_REQUESTS'] ?? 200_000)

test(`${REQUESTS} random requests`, { timeout: 7_200_000 }, async () => {
  const apps = new Map<string, FastifyInstance>()
  await served(
    { keys: keyOptions, admin: {}, limits: { ratePerSecond: 1e9, rateBurst: 1e9 } },
    { seams: { onListener: (kind, app) => apps.set(kind, app) } },
  )
  const runs = Math.ceil(REQUESTS / routes.length)
  for (const route of routes) await askAtRandom(apps.get(route.listener)!, route, { runs, seed: 1 })
})
