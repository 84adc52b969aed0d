import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { EnsuiteError } from '../errors.ts'
import { readArtifactFiles } from '../artifact/index.ts'
import { explainInWorker, type WorkerExplainer } from '../explain/index.ts'
import { loadRecommender } from '../recommend/index.ts'
import { createAdmission } from './admission.ts'
import type { CatalogueSeams } from './catalogue-folder.ts'
import type { Load, Loading } from './deployment.ts'
import { createGate, isLoopbackName } from './gate.ts'
import { createKeys, type Keys } from './keys.ts'
import { createListener } from './listener.ts'
import { type Logger, serverLog, silent } from './log.ts'
import { createMetrics } from './metrics.ts'
import { createModels, type Models } from './models.ts'
import { openShop } from './shop.ts'
import { routes } from './routes/index.ts'
import { memorySessions } from './sessions/memory-sessions.ts'
import { redisSessions } from './sessions/redis-sessions.ts'
import type { SessionStore } from './sessions/session-store.ts'
import { type AddressOptions, checkServeOptions, type ServeOptions, type SessionOptions } from './settings.ts'
import { noTelemetry, openTelemetry } from './telemetry.ts'
import type { VectorDatabase } from '../vector-store/index.ts'
import { createLiveVectors } from './vectors/live-vectors.ts'
import { vectorSource } from './vectors/vector-settings.ts'

/** A server that listens. */
export interface Server {
  /** `http://host:port` */
  readonly url: string
  /** Where it is administrated, if anywhere. */
  readonly adminUrl?: string
  readonly models: Models
  /** Takes no new connections, answers what was asked, then frees everything. */
  close(): Promise<void>
}

/** What tests and the command line exchange. */
export interface ServeSeams {
  readonly logger?: Logger
  readonly load?: Load
  readonly explain?: Loading['explain']
  readonly sessions?: SessionStore
  /** In place of the vector store that the options name. */
  readonly vectors?: () => VectorDatabase
  readonly catalogue?: CatalogueSeams
  /** In place of `Date.now`; see `Shop.time`. */
  readonly time?: () => number
  /** For tests: called with each listener before it listens. */
  readonly onListener?: (kind: 'public' | 'admin', app: FastifyInstance) => void
}

/**
 * Serves artifacts over HTTP: `docs/serve.md`.
 *
 * Throws `OPTION_UNKNOWN`, `OPTION_INVALID`, `KEYS_INVALID`, `KEYS_MISSING`, `ADDRESS_UNAVAILABLE`, `SESSIONS_UNAVAILABLE`, `PACKAGE_MISSING`,
 * what `openCatalogueFolder` throws and what `loadRecommender` throws.
 */
export function serve(options: ServeOptions): Promise<Server> {
  return serveWith(options, {})
}

/** As `serve`. */
export async function serveWith(options: ServeOptions, seams: ServeSeams): Promise<Server> {
  const limits = checkServeOptions(options)
  const { host = '127.0.0.1', port = 0, admin, threads = scoringThreads(), drainMs = 500 } = options
  const keys = createKeys(options.keys ?? [])
  checkReach(host, keys)
  if (admin !== undefined) checkAdmin(admin, keys)
  const log = serverLog(seams.logger ?? silent)
  const { time = Date.now } = seams
  const now = clock
  const telemetry = options.telemetry === true ? await openTelemetry() : noTelemetry
  const shop = await openShop(options, { log, time, seams: seams.catalogue })
  const undo: (() => Promise<unknown>)[] = [() => shop.close()]
  const load = shop.loading(
    seams.load ?? ((folder) => loadRecommender(folder, { threads, background: true })),
  )
  try {
    const models = await createModels(
      options.models.map(({ name, folder, weight = 1 }) => ({ name, folder: resolve(folder), weight })),
      { load, explain: limits.explaining > 0 ? (seams.explain ?? explainOne) : undefined },
    )
    undo.unshift(() => models.close())
    const sessions = seams.sessions ?? (await sessionStore(options.sessions ?? {}, models))
    undo.unshift(() => sessions.close())
    const admission = createAdmission({
      concurrency: limits.scoring,
      queue: limits.waiting,
      withinMs: limits.scoredWithinMs,
      now,
    })
    const explaining = createAdmission({
      concurrency: 1,
      queue: Math.max(0, limits.explaining - 1),
      withinMs: EXPLAINED_WITHIN_MS,
      now,
    })
    const metrics = createMetrics({
      admission,
      explaining,
      models,
      sessions,
      vectorsState: () => vectors?.state,
    })
    const vectors =
      options.vectors &&
      (await createLiveVectors({
        source: { ...vectorSource(options.vectors), ...(seams.vectors && { connect: seams.vectors }) },
        ...{ log, now },
        onSearch: (outcome) => {
          metrics.vectors(outcome)
        },
      }))
    undo.unshift(async () => vectors?.close())
    let draining = false
    const isReady = async (): Promise<boolean> => !draining && (await sessions.ready())
    const shared = {
      parts: { models, sessions, shop, vectors, admission, explaining, metrics, now, isReady },
      gate: createGate({
        keys,
        admission,
        explaining,
        now,
        rate: { perSecond: limits.ratePerSecond, burst: limits.rateBurst },
      }),
      limits,
      telemetry,
      log,
      isDraining: () => draining,
    }
    const listen = async (kind: 'public' | 'admin', address: AddressOptions): Promise<Listening> => {
      const app = await createListener({
        ...shared,
        routes: routes.filter(({ listener }) => listener === kind),
      })
      undo.unshift(() => app.close())
      seams.onListener?.(kind, app)
      return { app, url: await listening(app, address) }
    }
    const open = await listen('public', { host, port })
    const administration = admin && (await listen('admin', admin))
    log.info('listening', { url: open.url, ...(administration && { admin: administration.url }) })
    let closed: Promise<void> | undefined
    const close = async (): Promise<void> => {
      draining = true
      log.info('draining')
      await new Promise((done) => setTimeout(done, drainMs))
      await Promise.all([open.app.close(), administration?.app.close()])
      await sessions.close()
      await models.close()
      await vectors?.close()
      await shop.close()
      metrics.close()
      log.info('closed')
    }
    return {
      url: open.url,
      ...(administration && { adminUrl: administration.url }),
      models,
      close: () => (closed ??= close()),
    }
  } catch (error) {
    for (const each of undo) await each()
    throw error
  }
}

/** Only goes forward, in milliseconds: for what is measured. */
const clock = (): number => performance.now()

/** All cores but one: threads that wait for each other on a busy core take turns with what answers. */
export const scoringThreads = (): number => Math.max(1, availableParallelism() - 1)

/** An explanation that would not be begun within this is refused. */
const EXPLAINED_WITHIN_MS = 5_000

/** One thread: what explains takes no more than a core from what recommends. */
const explainOne = async (folder: string): Promise<WorkerExplainer> =>
  explainInWorker(await readArtifactFiles(folder), { runtime: { threads: 1 } })

interface Listening {
  readonly app: FastifyInstance
  readonly url: string
}

/**
 * Connections that wait until they are taken: with the usual 511 more that come at once than that are tried again by their callers after a second, and
 * after three. The system may hold fewer.
 */
const WAITING_CONNECTIONS = 4_096

async function listening(
  app: FastifyInstance,
  { host = '127.0.0.1', port = 0 }: AddressOptions,
): Promise<string> {
  try {
    await app.listen({ host, port, backlog: WAITING_CONNECTIONS })
  } catch (cause) {
    throw new EnsuiteError(
      'ADDRESS_UNAVAILABLE',
      `The server cannot listen at ${host} port ${port}: ${(cause as Error).message}. Choose another address.`,
      { cause },
    )
  }
  const { address, port: bound, family } = app.server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`
}

async function sessionStore(options: SessionOptions, models: Models): Promise<SessionStore> {
  const longest = Math.max(...models.list().map(({ current }) => current.recommender.maxLength))
  const { events = Math.min(1_000, Math.max(200, longest)), ttlMinutes = 60 } = options
  const bounds = { events, ttlMs: Math.ceil(ttlMinutes * 60_000) }
  if (options.kind === 'redis')
    return redisSessions({
      ...bounds,
      url: options.url,
      ...(options.prefix !== undefined && { prefix: options.prefix }),
    })
  const { sessions = 100_000, bytes = 256 * 1024 * 1024 } = options
  return memorySessions({ ...bounds, sessions, bytes, now: clock })
}

function checkReach(host: string, keys: Keys): void {
  if (isLoopbackName(host) || keys.count > 0) return
  throw new EnsuiteError(
    'KEYS_MISSING',
    `At ${host} others reach the server, and it has no keys. Give keys, or listen at 127.0.0.1.`,
  )
}

function checkAdmin({ host = '127.0.0.1' }: AddressOptions, keys: Keys): void {
  if (keys.hasAdmin) return
  throw new EnsuiteError(
    'KEYS_MISSING',
    `Administration at ${host} needs a key with the scope admin, and there is none. Give one, or leave administration out.`,
  )
}
