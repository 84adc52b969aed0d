import type { Route } from '../route.ts'
import { adminRoutes } from './admin.ts'
import { catalogueRoutes } from './catalogue.ts'
import { eventRoutes } from './events.ts'
import { explainRoutes } from './explain.ts'
import { healthRoutes } from './health.ts'
import { inferenceRoutes } from './inference.ts'
import { recommendRoutes } from './recommend.ts'
import { sessionRoutes } from './sessions.ts'
import { similarRoutes } from './similar.ts'

/** Every route. The tests of keys, limits and random requests walk this table, so that a new one is covered by itself. */
export const routes: readonly Route[] = [
  ...eventRoutes,
  ...sessionRoutes,
  ...recommendRoutes,
  ...similarRoutes,
  ...explainRoutes,
  ...catalogueRoutes,
  ...inferenceRoutes,
  ...healthRoutes,
  ...adminRoutes,
]
