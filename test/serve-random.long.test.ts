import { test } from 'vitest'
import { askAtRandom, servedAtRandom } from '../src/serve/random-requests.test-support.ts'
import { routes } from '../src/serve/routes/index.ts'

/** A million: `ENSUITE_REQUESTS=1000000 npx vitest run --config vitest.long.config.ts test/serve-random`. */
const REQUESTS = Number(process.env['ENSUITE_REQUESTS'] ?? 200_000)

test.each(['model', 'baseline'] as const)(
  `${REQUESTS} random requests to a %s`,
  { timeout: 7_200_000 },
  async (kind) => {
    const apps = await servedAtRandom(kind)
    const runs = Math.ceil(REQUESTS / routes.length)
    for (const route of routes) await askAtRandom(apps.get(route.listener)!, route, { runs, seed: 1 })
  },
)
