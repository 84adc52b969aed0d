import { EnsuiteError } from '../../errors.ts'
import { checkChoice, checkNumber } from '../../options.ts'
import {
  approximateVectors,
  exactVectors,
  lanceVectors,
  milvusVectors,
  type ApproximateOptions,
  type ExactOptions,
  type LanceOptions,
  type MilvusOptions,
  type VectorDatabase,
} from '../../vector-store/index.ts'

/** How a store is asked, whichever it is. */
export interface VectorLimits {
  /** A search that is not answered within this is given up, and the model's own vectors answer. Default 100. */
  readonly timeoutMs?: number
  /** So many failures after one another keep searches away from the store. Default 5. */
  readonly failures?: number
  /** For so long; then one search tries it. Default 1000. */
  readonly pauseMs?: number
  /** How often is looked whether another version was taken into use. Default 10,000. */
  readonly refreshMs?: number
}

interface InFolder {
  readonly folder: string
}

/** A vector store (`docs/vector-stores.md`) with the options of its kind. */
export type VectorOptions = VectorLimits &
  (
    | ({ readonly kind: 'exact' } & InFolder & ExactOptions)
    | ({ readonly kind: 'usearch' } & InFolder & ApproximateOptions)
    | ({ readonly kind: 'lancedb' } & InFolder & LanceOptions)
    | ({ readonly kind: 'milvus' } & Omit<MilvusOptions, 'timeoutMs'>)
  )

/** A store as the server works with it. */
export interface VectorSource extends Required<VectorLimits> {
  /** Opens nothing yet. */
  readonly connect: () => VectorDatabase
  /** As the log calls it: its folder, or its name and address. */
  readonly place: string
  /** Whether it is connected anew where it failed for longer: what is behind a network, and not what is in this process. */
  readonly reconnects: boolean
}

interface Kind {
  readonly reconnects: boolean
  readonly connect: (own: Readonly<Record<string, unknown>>) => VectorDatabase
}

const inFolder =
  (open: (folder: string, options: object) => VectorDatabase): Kind['connect'] =>
  ({ folder, ...options }) => {
    if (typeof folder !== 'string' || folder === '')
      throw new EnsuiteError(
        'OPTION_INVALID',
        'serve: vectors.folder should be the folder of a vector store.',
      )
    return open(folder, options)
  }

const kinds: Readonly<Record<VectorOptions['kind'], Kind>> = {
  exact: { reconnects: false, connect: inFolder(exactVectors) },
  usearch: { reconnects: false, connect: inFolder(approximateVectors) },
  lancedb: { reconnects: false, connect: inFolder(lanceVectors) },
  milvus: { reconnects: true, connect: (own) => milvusVectors(own as unknown as MilvusOptions) },
}

export const vectorDefaults: Required<VectorLimits> = {
  timeoutMs: 100,
  failures: 5,
  pauseMs: 1000,
  refreshMs: 10_000,
}
const most: Required<VectorLimits> = {
  timeoutMs: 4000,
  failures: 1000,
  pauseMs: 600_000,
  refreshMs: 3_600_000,
}

/** Throws `OPTION_UNKNOWN` and `OPTION_INVALID` for whatever of the options is not right. */
export function vectorSource(options: VectorOptions): VectorSource {
  const where = 'serve: vectors'
  if (typeof (options as unknown) !== 'object' || (options as unknown) === null)
    throw new EnsuiteError('OPTION_INVALID', `${where} should be an object with a kind.`)
  const { kind, timeoutMs, failures, pauseMs, refreshMs, ...own } = options
  checkChoice(`${where}.kind`, kind, Object.keys(kinds))
  const given = { timeoutMs, failures, pauseMs, refreshMs }
  const limits = Object.fromEntries(
    Object.entries(vectorDefaults).map(([name, otherwise]) => [
      name,
      given[name as keyof VectorLimits] ?? otherwise,
    ]),
  ) as unknown as Required<VectorLimits>
  for (const [name, max] of Object.entries(most))
    checkNumber(`${where}.${name}`, limits[name as keyof VectorLimits], { integer: true, min: 1, max })
  const { connect, reconnects } = kinds[kind]
  // Its own options are checked where it is made, which opens nothing.
  connect(own)
  const place = 'folder' in own ? own.folder : `${own.name} at ${own.address}`
  return { ...limits, place, reconnects, connect: () => connect(own) }
}
