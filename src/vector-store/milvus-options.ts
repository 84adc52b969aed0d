import { EnsuiteError } from '../errors.ts'
import { checkChoice, checkNumber, checkOptions } from '../options.ts'

export interface MilvusOptions {
  /** `host:port` of a server, or the address of a Zilliz Cloud. */
  readonly address: string
  /** What the versions are of: collections are called `<name>__<version>`, and the alias `<name>` is the version in use. Small letters, digits and single _; a letter first. */
  readonly name: string
  /** Of Zilliz Cloud, or `user:password`. */
  readonly token?: string
  readonly username?: string
  readonly password?: string
  /** Whether the connection is encrypted; default: where `tls` is given, or the address starts with https. */
  readonly ssl?: boolean
  /** Paths of certificates, as the SDK has them. */
  readonly tls?: {
    readonly rootCertPath?: string
    readonly privateKeyPath?: string
    readonly certChainPath?: string
    readonly serverName?: string
  }
  readonly database?: string
  /** `strong`: a search sees all that was answered before, the default; `bounded`: what is some seconds old, several times as fast; `session`, `eventually`. */
  readonly consistency?: 'strong' | 'bounded' | 'session' | 'eventually'
  /** Milliseconds after which a call fails, whatever the network does; default 10,000. */
  readonly timeoutMs?: number
  /** The same for loading a version into the server's memory, which takes long for a large one; default 300,000. */
  readonly loadTimeoutMs?: number
  /** Of the index (HNSW): neighbours of a row, and rows that are looked at when one is added. Default 16 and 200. */
  readonly connectivity?: number
  readonly expansionAdd?: number
  /** Rows that are looked at for a query, at least; default 128. */
  readonly expansionSearch?: number
}

type Defaulted =
  'consistency' | 'timeoutMs' | 'loadTimeoutMs' | 'connectivity' | 'expansionAdd' | 'expansionSearch'

/** The options with all that have a default. */
export type MilvusSettings = MilvusOptions & Required<Pick<MilvusOptions, Defaulted>>

const defaults: Required<Pick<MilvusOptions, Defaulted>> = {
  consistency: 'strong',
  timeoutMs: 10_000,
  loadTimeoutMs: 300_000,
  connectivity: 16,
  expansionAdd: 200,
  expansionSearch: 128,
}
const known = [
  ...['address', 'name', 'token', 'username', 'password', 'ssl', 'tls', 'database'],
  ...Object.keys(defaults),
]
const NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/

/** As the server numbers them. */
export const consistencyLevels = { strong: 0, session: 1, bounded: 2, eventually: 3 } as const

/** Throws `OPTION_INVALID`, `OPTION_UNKNOWN`. */
export function milvusSettings(options: MilvusOptions): MilvusSettings {
  const where = 'milvusVectors'
  checkOptions(where, options, known)
  const settings = { ...defaults, ...options }
  if (typeof options.address !== 'string' || options.address === '')
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}: address must be host:port, or the address of a Zilliz Cloud.`,
    )
  if (typeof options.name !== 'string' || !NAME.test(options.name) || options.name.length > 100)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}: name must be of small letters, digits and single _, a letter first, at most 100.`,
    )
  checkChoice(`${where}: consistency`, settings.consistency, Object.keys(consistencyLevels))
  for (const option of ['timeoutMs', 'loadTimeoutMs'] as const)
    checkNumber(`${where}: ${option}`, settings[option], { integer: true, min: 1, max: 3_600_000 })
  for (const option of ['connectivity', 'expansionAdd', 'expansionSearch'] as const)
    checkNumber(`${where}: ${option}`, settings[option], { integer: true, min: 2, max: 32_768 })
  return settings
}
