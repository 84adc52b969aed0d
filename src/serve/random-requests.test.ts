import { test } from 'vitest'
import { askAtRandom, servedAtRandom } from './random-requests.test-support.ts'
import { routes } from './routes/index.ts'

/** 20,000 in all, spread over the routes, and 4,000 to a baseline; `test/serve-random.long.test.ts` asks a million times. */
test.each([
  ['model', 20_000],
  ['baseline', 4_000],
] as const)('random requests to every route of a %s', { timeout: 300_000 }, async (kind, requests) => {
  const runs = Math.ceil(requests / routes.length)
  const apps = await servedAtRandom(kind)
  for (const route of routes) await askAtRandom(apps.get(route.listener)!, route, { runs, seed: 7 })
})
