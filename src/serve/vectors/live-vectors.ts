import { unitVector } from '../../rules/index.ts'
import type {
  Found,
  VectorDatabase,
  VectorFilter,
  VectorSchema,
  VectorStore,
  VersionAbout,
} from '../../vector-store/index.ts'
import { MOST_FOUND } from '../../vector-store/checks.ts'
import { LateError, withinTime } from '../../within-time.ts'
import type { ServerLog } from '../log.ts'
import { createCircuitBreaker, type BreakerState } from './circuit-breaker.ts'
import type { VectorSource } from './vector-settings.ts'

/** What became of a search: `refused` where none was begun, as the store has failed too often, no version is open or too many are under way. */
export const searchOutcomes = ['answered', 'late', 'failed', 'refused'] as const
export type SearchOutcome = (typeof searchOutcomes)[number]

export interface SearchFor {
  readonly k: number
  /** Over the attributes of the store. */
  readonly filter?: VectorFilter
  /** Says which items may be found, when the store has answered. */
  readonly admitted: () => (item: string) => boolean
}

/** A version of the store. */
export interface LiveVersion {
  readonly version: string
  readonly schema: Required<VectorSchema>
  readonly about: VersionAbout | undefined
}

/** What of a model says whether a store's vectors are of its kind. */
export interface FitsTo {
  readonly name: string
  readonly digest: string
  readonly dimensions: number
}

/** The version of a vector store that is in use, searched within a deadline. Nothing here rejects, and nothing waits longer than that. */
export interface LiveVectors {
  /** The version that is open, or was last. */
  readonly latest: LiveVersion | undefined
  readonly state: BreakerState
  /** Whether the vectors of items are the model's: of its digest where the version names one, and of as many numbers. Logged once where they are not. */
  fits(model: FitsTo): boolean
  /** Items like the latest of some by cosine, whatever vectors the store has of them. Undefined where it does not answer in time, knows none of them, or does not compare by cosine. */
  like(items: readonly string[], wanted: SearchFor): Promise<readonly Found[] | undefined>
  /** Items near the vector of a session. Undefined where the store does not answer in time. */
  near(vector: Float32Array, wanted: SearchFor): Promise<readonly Found[] | undefined>
  close(): Promise<void>
}

export interface LiveVectorsParts {
  readonly source: VectorSource
  readonly log: ServerLog
  readonly now: () => number
  readonly onSearch: (outcome: SearchOutcome) => void
}

/** So long the start waits for the first version at most. */
const FIRST_MS = 2_000
/** So long asking for the version in use may take, and opening one. */
const LOOK_MS = 10_000
const OPEN_MS = 300_000
/** How often is looked where no version is open, at least. */
const RETRY_MS = 1_000
const CLOSE_MS = 5_000
/** Searches under way at most, those that were given up, too. */
const MOST_UNDER_WAY = 64
/** So many of the latest items of a session are looked up, and so many of those that are there count. */
const LOOKED_UP = 50
const LATEST = 3

interface Opened extends LiveVersion {
  readonly store: VectorStore
  readonly underWay: Set<Promise<unknown>>
}

/** Opens the version in use, and takes up another one soon after it was taken into use. What cannot be opened now is tried again. */
export async function createLiveVectors({
  source,
  log,
  now,
  onSearch,
}: LiveVectorsParts): Promise<LiveVectors> {
  const { timeoutMs, failures, pauseMs, refreshMs, reconnects, place } = source
  const breaker = createCircuitBreaker({ failures, pauseMs, now })
  let database: VectorDatabase = source.connect()
  let opened: Opened | undefined
  let latest: Opened | undefined
  let underWay = 0
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  /** Of looks for a version; one that another has begun after ends. */
  let turns = 0
  const said = new Set<string>()
  /** Once until a version is opened, for what `by` tells apart: what differs at each try would be said for ever. */
  const sayOnce = (
    message: string,
    fields: object,
    { by = fields }: { readonly by?: unknown } = {},
  ): void => {
    const key = `${message} ${JSON.stringify(by)}`
    if (said.has(key)) return
    said.add(key)
    log.warn(message, fields)
  }

  /** Of the database as it is now: one that was connected anew meanwhile has its own turn. */
  const refresh = async (): Promise<void> => {
    const own = database
    try {
      const version = await withinTime(LOOK_MS, own.current())
      if (version === undefined) sayOnce('no version of the vector store is in use', { store: place })
      if (version === undefined || version === opened?.version || own !== database) return
      const opening = own.open(version)
      const store = await withinTime(OPEN_MS, opening).catch((error: unknown) => {
        opening.then((late) => late.close()).catch(() => undefined)
        throw error
      })
      const about = await withinTime(LOOK_MS, own.about(version)).catch((error: unknown) => {
        // It is opened again at the next look, and may be held by nobody then.
        store.close().catch(() => undefined)
        throw error
      })
      if (isClosed || own !== database) return void store.close().catch(() => undefined)
      const before = opened
      opened = { version, schema: store.schema, about, store, underWay: new Set() }
      latest = opened
      said.clear()
      log.info('vector store opened', { version })
      if (before !== undefined) void retire(before)
    } catch (error) {
      const { code = null, message } = error as { readonly code?: unknown; readonly message: string }
      sayOnce(
        'the vector store cannot be opened: the models answer by their own vectors',
        { error: message },
        { by: code },
      )
    }
  }
  const loop = async (): Promise<void> => {
    const own = ++turns
    await refresh()
    if (isClosed || own !== turns) return
    timer = setTimeout(() => void loop(), opened === undefined ? Math.min(RETRY_MS, refreshMs) : refreshMs)
    timer.unref()
  }
  const retire = async ({ store, underWay: own }: Opened): Promise<void> => {
    await withinTime(OPEN_MS, Promise.allSettled(own)).catch(() => undefined)
    await store.close().catch(() => undefined)
  }
  /** A connection that waits longer and longer between its tries is left for a new one. */
  const reconnect = (): void => {
    if (isClosed) return
    const old = database
    database = source.connect()
    opened = undefined
    old.close().catch(() => undefined)
    // Without a version nothing is answered: it is looked for at once, and not after the usual time.
    clearTimeout(timer)
    void loop()
  }

  const ask = async <Answer>(
    work: (version: Opened) => Promise<Answer | undefined>,
  ): Promise<Answer | undefined> => {
    const own = opened
    const attempt =
      own === undefined || underWay >= MOST_UNDER_WAY || isClosed ? undefined : breaker.attempt()
    if (own === undefined || attempt === undefined) {
      onSearch('refused')
      return undefined
    }
    underWay++
    const answer = work(own)
    own.underWay.add(answer)
    const over = (): void => {
      underWay--
      own.underWay.delete(answer)
    }
    answer.then(over, over)
    try {
      const found = await withinTime(timeoutMs, answer)
      attempt.succeeded()
      if (attempt.isProbe) log.info('the vector store answers again')
      onSearch('answered')
      return found
    } catch (error) {
      const isLate = error instanceof LateError
      const { code } = error as { readonly code?: unknown }
      // What the store refuses to look for says nothing of whether it answers, nor does one that was closed meanwhile.
      if (code === 'OPTION_INVALID' || code === 'CLOSED') attempt.dropped()
      else {
        attempt.failed()
        if (breaker.state === 'open') {
          if (!attempt.isProbe)
            log.warn('the vector store does not answer: the models answer by their own vectors', {
              error: (error as Error).message,
            })
          else if (reconnects) reconnect()
        }
      }
      onSearch(isLate ? 'late' : 'failed')
      return undefined
    }
  }
  const search = async (
    { store }: Opened,
    query: Float32Array,
    { k, filter, admitted }: SearchFor,
  ): Promise<readonly Found[]> => {
    for (let most = 2 * k + LOOKED_UP; ; most *= 4) {
      const count = Math.min(most, MOST_FOUND)
      const [found = []] = await store.search([query], { k: count, ...(filter && { filter }) })
      const admits = admitted()
      const left = found.filter(({ id, score }) => Number.isFinite(score) && admits(id))
      if (left.length >= k || found.length < count || count === MOST_FOUND) return left.slice(0, k)
    }
  }

  await Promise.race([loop(), new Promise((done) => setTimeout(done, FIRST_MS).unref())])
  return {
    get latest() {
      return latest
    },
    get state() {
      return breaker.state
    },
    fits: ({ name, digest, dimensions }) => {
      if (latest === undefined) return false
      const { version, schema, about } = latest
      if (about?.model !== undefined && about.model !== digest) {
        sayOnce('the vector store is of another model: it answers only for what this one does not know', {
          ...{ version, model: name, expected: about.model, received: digest },
        })
        return false
      }
      if (schema.dimensions === dimensions) return true
      sayOnce('the vector store does not fit a model: it answers only for what this one does not know', {
        ...{ version, model: name, expected: dimensions, received: schema.dimensions },
      })
      return false
    },
    like: async (items, wanted) => {
      if (latest !== undefined && latest.schema.similarity !== 'cosine') {
        sayOnce(
          'the vector store compares by products, which do not say what is alike: items are not looked for',
          {
            version: latest.version,
          },
        )
        return undefined
      }
      const ids = [...new Set([...items].reverse())].slice(0, LOOKED_UP)
      if (ids.length === 0) return undefined
      return ask(async (version) => {
        const rows = await version.store.get(ids)
        const units = rows.flatMap((row) => unitVector(row?.vector) ?? []).slice(0, LATEST)
        const query = unitVector(sumOf(units))
        return query && search(version, query, wanted)
      })
    },
    near: (vector, wanted) =>
      ask(async (version) =>
        version.schema.dimensions === vector.length ? search(version, vector, wanted) : undefined,
      ),
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      await withinTime(CLOSE_MS, database.close()).catch(() => undefined)
    },
  }
}

function sumOf(vectors: readonly Float32Array[]): Float32Array | undefined {
  const [first, ...others] = vectors
  const sum = first?.slice()
  for (const each of others) for (const [at, value] of each.entries()) sum![at]! += value
  return sum
}
