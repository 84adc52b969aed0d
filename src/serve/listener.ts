import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import swagger from '@fastify/swagger'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { packageVersion } from '../artifact/package-version.ts'
import { endpoints } from './api/endpoints.ts'
import { schemas, type EndpointSchemas } from './api/schemas.ts'
import { Problem } from './api/values.ts'
import type { Gate } from './gate.ts'
import type { ServerLog } from './log.ts'
import type { Parts } from './parts.ts'
import { known, problemOf, type ProblemAnswer } from './problems.ts'
import type { Route } from './route.ts'
import type { LimitOptions } from './settings.ts'
import { createShield } from './shield.ts'
import type { RequestSpan, Telemetry } from './telemetry.ts'

export interface ListenerParts {
  readonly parts: Omit<Parts, 'openapi'>
  readonly routes: readonly Route[]
  readonly gate: Gate
  readonly limits: Required<LimitOptions>
  readonly telemetry: Telemetry
  readonly log: ServerLog
  /** Whether callers are to open new connections elsewhere. */
  readonly isDraining: () => boolean
}

/** What is kept of a request while it goes on. */
interface UnderWay {
  readonly started: number
  readonly span: RequestSpan
  /** The name of its key, once that is known. */
  caller?: string
  problem?: { readonly code: string; readonly error: unknown }
}

/** An HTTP server of some routes: limits, keys, validation, errors, metrics and the log, the same for all. */
export async function createListener(given: ListenerParts): Promise<FastifyInstance> {
  const { routes, limits, parts, log, isDraining } = given
  const shield = createShield({ ...parts, routes, log, isDraining })
  const app = fastify({
    genReqId: () => randomUUID(),
    bodyLimit: limits.bodyBytes,
    serverFactory: (answer) =>
      createServer(
        {
          requestTimeout: limits.requestMs,
          keepAliveTimeout: 72_000,
          headersTimeout: Math.ceil(limits.requestMs / 2),
          connectionsCheckingInterval: Math.min(1_000, Math.ceil(limits.requestMs / 4)),
          maxHeaderSize: 8 * 1024,
        },
        (request, response) => {
          if (!shield(request, response)) answer(request, response)
        },
      ),
    // Every item has an address: of 512 letters, each of up to four bytes, percent-encoded.
    routerOptions: { maxParamLength: 6_144, caseSensitive: true },
    // What is not in the schema is refused and not dropped; a number in quotes is no number.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: false } },
    exposeHeadRoutes: false,
    // Who is still connected while the server closes is answered: the framework would answer 503 in words of its own.
    return503OnClosing: false,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => {
      sendProblem(reply, problemOf(error), { requestId: request.id })
    },
  })
  app.server.maxConnections = limits.connections
  app.removeContentTypeParser('text/plain')
  readJson(app)
  const underWay = new WeakMap<FastifyRequest, UnderWay>()
  addHooks(app, given, underWay)
  await app.register(swagger, {
    openapi: {
      info: { title: 'ensuite', version: packageVersion() },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    },
  })
  const own: Parts = { ...parts, openapi: () => app.swagger() }
  await app.register((scope, _, done) => {
    for (const route of routes) addRoute(scope, { route, parts: own, given, underWay })
    done()
  })
  await app.ready()
  return app
}

/** Many callers say of every request that it is JSON: where a route takes no body, an empty one is none. */
function readJson(app: FastifyInstance): void {
  const read = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '' && request.routeOptions.schema?.body === undefined) done(null)
    else void read(request, body, done)
  })
}

function addHooks(
  app: FastifyInstance,
  { parts, telemetry, log, isDraining }: ListenerParts,
  underWay: WeakMap<FastifyRequest, UnderWay>,
): void {
  const { metrics, now } = parts
  app.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    underWay.set(request, {
      started: now(),
      span: telemetry.begin(`${request.method} ${route}`, request.headers),
    })
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    // A connection that is closed by its last answer, and not between two requests, loses none.
    if (isDraining()) reply.header('connection', 'close')
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const kept = underWay.get(request)
    if (kept !== undefined) {
      const route = request.routeOptions.url ?? 'none'
      const { statusCode: status } = reply
      const ms = now() - kept.started
      metrics.request({ route, status, ms })
      kept.span.end(status)
      if (kept.problem !== undefined) metrics.refused(kept.problem.code)
      log.request({
        requestId: request.id,
        method: request.method,
        route,
        status,
        ms: Math.round(ms * 10) / 10,
        ...(kept.caller !== undefined && { key: kept.caller }),
        ...kept.problem,
      })
    }
    done()
  })
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error)
    const kept = underWay.get(request)
    if (kept !== undefined) kept.problem = { code: problem.code, error }
    sendProblem(reply, problem, { requestId: request.id, inference: request.url.startsWith('/v2') })
  })
  app.setNotFoundHandler((request, reply) => {
    sendProblem(reply, known('NOT_FOUND'), {
      requestId: request.id,
      inference: request.url.startsWith('/v2'),
    })
  })
}

function addRoute(
  app: FastifyInstance,
  {
    route,
    parts,
    given: { gate, limits },
    underWay,
  }: {
    readonly route: Route
    readonly parts: Parts
    readonly given: ListenerParts
    readonly underWay: WeakMap<FastifyRequest, UnderWay>
  },
): void {
  const { method, path } = endpoints[route.name]
  const { params, body, answer }: EndpointSchemas = schemas[route.name]
  app.route({
    method,
    url: path,
    bodyLimit: route.bodyLimit ?? limits.bodyBytes,
    schema: {
      operationId: route.name,
      summary: route.summary,
      ...(params && { params }),
      ...(body && { body }),
      ...(route.scope !== 'none' && { security: [{ key: [route.scope] }] }),
      response: {
        // What is no JSON is sent as it is.
        ...(route.contentType === undefined && route.name !== 'openapi' && { 200: answer }),
        ...(route.inference !== true && { '4xx': Problem, '5xx': Problem }),
      },
    },
    onRequest: (request, _, done) => {
      const kept = underWay.get(request)!
      // Before the body is read: who may not ask, and what cannot be answered in time, costs next to nothing.
      const caller = gate.pass(route, request)
      if (caller !== undefined) kept.caller = caller
      done()
    },
    handler: async (request, reply) => {
      const kept = underWay.get(request)!
      const answered = await route.handle(
        {
          params: request.params,
          body: request.body,
          requestId: request.id,
          stage: (stage, ms) => {
            parts.metrics.stage(stage, ms)
            kept.span.stage(stage, ms)
          },
        },
        parts,
      )
      if (route.contentType !== undefined) reply.type(route.contentType)
      return answered
    },
  })
}

function sendProblem(
  reply: FastifyReply,
  { status, code, message }: ProblemAnswer,
  { requestId, inference = false }: { readonly requestId: string; readonly inference?: boolean },
): void {
  if (status === 429 || status === 503) reply.header('retry-after', '1')
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  reply.header('x-request-id', requestId)
  void reply
    .code(status)
    .type('application/json; charset=utf-8')
    .serializer((value: unknown) => JSON.stringify(value))
    .send(inference ? { error: `${code}: ${message}` } : { code, message, requestId })
}

/** What is no HTTP, comes too slowly or has too many headers never becomes a request. */
function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, code, message } = known(
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? 'TIMED_OUT'
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? 'HEADERS_TOO_LARGE'
        : 'REQUEST_INVALID',
  )
  const body = JSON.stringify({ code, message, requestId: randomUUID() })
  const head = [
    `HTTP/1.1 ${status} ${code}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${body.length}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => {
    socket.destroy()
  })
}
