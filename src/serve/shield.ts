import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Admission } from './admission.ts'
import { endpoints } from './api/endpoints.ts'
import type { ServerLog } from './log.ts'
import type { Metrics } from './metrics.ts'
import { known } from './problems.ts'
import type { Route } from './route.ts'

export interface ShieldParts {
  readonly routes: readonly Route[]
  readonly admission: Pick<Admission, 'hasRoom'>
  readonly metrics: Pick<Metrics, 'request' | 'refused'>
  readonly log: Pick<ServerLog, 'request'>
  readonly isDraining: () => boolean
}

/** Answers a request itself, and says whether it did. */
export type Shield = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * Refuses what cannot be scored in time before it is routed, and before its key is looked at. At several times what can be answered most requests end here,
 * and what each costs is taken from those that are answered: this is a few times cheaper than an error that goes through all hooks. Only paths without parameters
 * are known here; the gate refuses the others.
 */
export function createShield({ routes, admission, metrics, log, isDraining }: ShieldParts): Shield {
  const scoring = new Map(
    routes
      .filter(({ name, scores }) => scores === true && !endpoints[name].path.includes(':'))
      .map(({ name }) => [`${endpoints[name].method} ${endpoints[name].path}`, endpoints[name].path]),
  )
  const { status, code, message } = known('OVERLOADED')
  return (request, response) => {
    const method = request.method!
    const route = scoring.get(`${method} ${request.url!}`)
    if (route === undefined || admission.hasRoom()) return false
    const requestId = randomUUID()
    const body = JSON.stringify({ code, message, requestId })
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
      'retry-after': '1',
      'x-request-id': requestId,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      ...(isDraining() && { connection: 'close' }),
    })
    response.end(body)
    metrics.request({ route, status, ms: 0 })
    metrics.refused(code)
    log.request({ requestId, method, route, status, ms: 0, code })
    return true
  }
}
