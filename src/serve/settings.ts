import { EnsuiteError } from '../errors.ts'
import { checkBoolean, checkChoice, checkNumber, checkOptions } from '../options.ts'
import type { KeyOptions } from './keys.ts'
import type { ModelOptions } from './models.ts'
import type { ShopSettings } from './shop.ts'
import { vectorSource, type VectorOptions } from './vectors/vector-settings.ts'

/** Limits that protect the server, each with a default that serves a shop on two cores. */
export interface LimitOptions {
  /** Requests a second of a key (of an address where there are no keys), and at once. Default 2000, 4000. */
  readonly ratePerSecond?: number
  readonly rateBurst?: number
  /** Requests that are scored at once, in batches of up to half of them. Default 32. */
  readonly scoring?: number
  /** Requests that wait to be scored at most. Default 256. */
  readonly waiting?: number
  /** A request that would not be scored within this is refused at once. Default 100 ms. */
  readonly scoredWithinMs?: number
  /** Explanations under way at most: one is made at a time, the others wait. 0: none, and nothing is kept in memory for them. Default 4. */
  readonly explaining?: number
  /** Bytes of a body, but for events (8 MiB). Default 256 KiB. */
  readonly bodyBytes?: number
  /** Time in which a request has to arrive, its headers in half of it. Default 10 s. */
  readonly requestMs?: number
  /** Connections at once. Default 4096. */
  readonly connections?: number
}

export type SessionOptions = {
  /** Events kept of a session. Default 200, or what the model reads where that is more. */
  readonly events?: number
  /** Minutes after its last event in which a session is kept. Default 60. */
  readonly ttlMinutes?: number
} & (
  | {
      readonly kind?: 'memory'
      /** Sessions kept at most. Default 100,000. */
      readonly sessions?: number
      /** Bytes of all of them together at most, about. Default 256 MiB. */
      readonly bytes?: number
    }
  | {
      readonly kind: 'redis'
      readonly url: string
      readonly prefix?: string
    }
)

export interface AddressOptions {
  /** Default 127.0.0.1. Another address than a loopback one needs keys. */
  readonly host?: string
  /** 0: any that is free. */
  readonly port?: number
}

export interface ServeOptions extends AddressOptions, ShopSettings {
  /** What answers: the first is the default; `weight` is 1 unless given. */
  readonly models: readonly (Omit<ModelOptions, 'weight'> & { readonly weight?: number })[]
  readonly keys?: readonly KeyOptions[]
  /** Where models are changed; needs a key with the scope admin. Nowhere unless given. */
  readonly admin?: AddressOptions
  readonly sessions?: SessionOptions
  readonly limits?: LimitOptions
  /** A vector store that is searched for what is similar. Default: none, the models' own vectors are. */
  readonly vectors?: VectorOptions
  /** Threads inside an operator. Default: all cores but one, which answers; one at least. */
  readonly threads?: number
  /** How long requests are still taken after the server was told to end, so that callers notice. Default 500. */
  readonly drainMs?: number
  /** Spans through `@opentelemetry/api`. Default false. */
  readonly telemetry?: boolean
}

export const limitDefaults: Required<LimitOptions> = {
  ratePerSecond: 2000,
  rateBurst: 4000,
  scoring: 32,
  waiting: 256,
  scoredWithinMs: 100,
  explaining: 4,
  bodyBytes: 256 * 1024,
  requestMs: 10_000,
  connections: 4096,
}

const ranges: Readonly<Record<keyof LimitOptions, { readonly min: number; readonly max: number }>> = {
  ratePerSecond: { min: 1, max: 1e9 },
  rateBurst: { min: 1, max: 1e9 },
  scoring: { min: 1, max: 4096 },
  waiting: { min: 0, max: 100_000 },
  scoredWithinMs: { min: 1, max: 60_000 },
  explaining: { min: 0, max: 64 },
  bodyBytes: { min: 1024, max: 64 * 1024 * 1024 },
  requestMs: { min: 100, max: 600_000 },
  connections: { min: 1, max: 1_000_000 },
}

const known = [
  'models',
  'host',
  'port',
  'keys',
  'admin',
  'sessions',
  'limits',
  'threads',
  'drainMs',
  'telemetry',
  'catalogue',
  'popularity',
  'rules',
  'vectors',
]

/** The limits with their defaults. Throws `OPTION_UNKNOWN` and `OPTION_INVALID` for whatever of the options is not right. */
export function checkServeOptions(options: ServeOptions): Required<LimitOptions> {
  checkOptions('serve', options, known)
  const { models, admin, sessions = {}, limits = {}, vectors, drainMs, telemetry } = options
  if (!Array.isArray(models) || models.length === 0)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'serve: models should list one model at least, each with name and folder.',
    )
  for (const [at, model] of options.models.entries()) checkModel(model, `serve: models[${at}]`)
  if (options.models.every(({ weight }) => weight === 0))
    throw new EnsuiteError('OPTION_INVALID', 'serve: one of the weights of models at least is above 0.')
  const names = options.models.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new EnsuiteError('OPTION_INVALID', `serve: two models are named '${twice}'.`)
  checkAddress(options, 'serve')
  if (admin !== undefined) {
    checkOptions('serve: admin', admin, ['host', 'port'])
    checkAddress(admin, 'serve: admin')
  }
  checkSessions(sessions)
  if (vectors !== undefined) vectorSource(vectors)
  if (drainMs !== undefined) checkNumber('serve: drainMs', drainMs, { integer: true, min: 0, max: 60_000 })
  if (telemetry !== undefined) checkBoolean('serve: telemetry', telemetry)
  checkOptions('serve: limits', limits, Object.keys(ranges))
  for (const [name, range] of Object.entries(ranges)) {
    const value = limits[name as keyof LimitOptions]
    if (value !== undefined) checkNumber(`serve: limits.${name}`, value, { integer: true, ...range })
  }
  return { ...limitDefaults, ...limits }
}

function checkModel(model: ServeOptions['models'][number], where: string): void {
  checkOptions(where, model, ['name', 'folder', 'weight'])
  const { name, folder, weight } = model
  if (typeof name !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}.name should be letters, digits, '_' and '-', up to 64 of them.`,
    )
  if (typeof folder !== 'string' || folder === '')
    throw new EnsuiteError('OPTION_INVALID', `${where}.folder should be the folder of an artifact.`)
  if (weight !== undefined) checkNumber(`${where}.weight`, weight, { min: 0, max: 1_000_000 })
}

function checkAddress({ host, port }: AddressOptions, where: string): void {
  if (host !== undefined && (typeof host !== 'string' || host === ''))
    throw new EnsuiteError('OPTION_INVALID', `${where}: host should be an address, such as 127.0.0.1.`)
  if (port !== undefined) checkNumber(`${where}: port`, port, { integer: true, min: 0, max: 65_535 })
}

/** Less would not hold an event of the largest size. */
const FEWEST_SESSION_BYTES = 1024 * 1024

function checkSessions(sessions: SessionOptions): void {
  const { kind = 'memory' } = sessions
  checkChoice('serve: sessions.kind', kind, ['memory', 'redis'])
  const own = kind === 'memory' ? ['sessions', 'bytes'] : ['url', 'prefix']
  checkOptions('serve: sessions', sessions, ['kind', 'events', 'ttlMinutes', ...own])
  const given = sessions as Readonly<Record<string, unknown>>
  const range = { events: 1_000, ttlMinutes: 527_040, sessions: 10_000_000 }
  for (const [name, max] of Object.entries(range))
    if (given[name] !== undefined)
      checkNumber(`serve: sessions.${name}`, given[name] as number, {
        integer: name !== 'ttlMinutes',
        ...(name === 'ttlMinutes' ? { above: 0 } : { min: 1 }),
        max,
      })
  if (given['bytes'] !== undefined)
    checkNumber('serve: sessions.bytes', given['bytes'] as number, {
      integer: true,
      min: FEWEST_SESSION_BYTES,
      max: 2 ** 40,
    })
  if (kind === 'redis' && typeof given['url'] !== 'string')
    throw new EnsuiteError(
      'OPTION_INVALID',
      'serve: sessions.url should be the address of Redis, redis://host:port.',
    )
}
