import { test } from 'vitest'
import { askAtRandom, servedAtRandom } from './random-requests.test-support.ts'
import { routes } from './routes/index.ts'

/** 20,000 in all, spread over the routes; `test/serve-random.long.test.ts` asks a million times. */
const runs = Math.ceil(20_000 / routes.length)

test('random requests to every route', { timeout: 300_000 }, async () => {
  const apps = await servedAtRandom()
  for (const route of routes) await askAtRandom(apps.get(route.listener)!, route, { runs, seed: 7 })
})
