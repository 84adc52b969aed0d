import { RequestProblem } from '../problems.ts'
import { route, type Route } from '../route.ts'

export const healthRoutes: readonly Route[] = [
  route({
    name: 'live',
    summary: 'Whether the process answers',
    listener: 'public',
    scope: 'none',
    handle: () => ({ live: true }),
  }),
  route({
    name: 'ready',
    summary: 'Whether requests are to be sent here: models loaded, sessions reachable, not shutting down',
    listener: 'public',
    scope: 'none',
    handle: async (_, { isReady }) => {
      if (!(await isReady())) throw new RequestProblem('NOT_READY')
      return { ready: true }
    },
  }),
  route({
    name: 'metrics',
    summary: 'Metrics for Prometheus',
    listener: 'public',
    scope: 'read',
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    handle: (_, { metrics }) => metrics.text(),
  }),
  route({
    name: 'openapi',
    summary: 'This description',
    listener: 'public',
    scope: 'none',
    handle: (_, { openapi }) => openapi(),
  }),
]
