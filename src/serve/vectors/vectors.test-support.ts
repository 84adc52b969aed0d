import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../../artifact/tiny-model.test-support.ts'
import { EnsuiteError } from '../../errors.ts'
import {
  exactVectors,
  type VectorDatabase,
  type VectorRow,
  type VectorSchema,
} from '../../vector-store/index.ts'

/** `down`: refuses at once; `slow`: answers after `SLOW_MS`; `half-open`: never answers; `undescribed`: what was measured of a version cannot be read. */
export type Fault = 'none' | 'down' | 'slow' | 'half-open' | 'undescribed'

export const SLOW_MS = 5000

export interface FaultyVectors {
  readonly database: VectorDatabase
  /** Versions that are open. */
  readonly open: () => number
  /** Searches and look-ups that reached the store. */
  readonly asked: () => number
  become(fault: Fault): void
  /** Fills a version and takes it into use. */
  publish(version: string, rows: readonly VectorRow[], schema: VectorSchema, model?: string): Promise<void>
}

/** A vector store with faults: an exact one behind what answers as it is told to. */
export async function faultyVectors(): Promise<FaultyVectors> {
  const inner = exactVectors(join(await temporaryFolder(), 'vectors'), { threads: 1 })
  onTestFinished(() => inner.close())
  let fault: Fault = 'none'
  let asked = 0
  let open = 0
  const through = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    if (fault === 'down') throw new EnsuiteError('STORE_UNAVAILABLE', 'The store is down.')
    if (fault === 'half-open') return new Promise<Answer>(() => undefined)
    if (fault === 'slow') await new Promise((done) => setTimeout(done, SLOW_MS))
    return work()
  }
  const counted = <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    asked++
    return through(work)
  }
  return {
    open: () => open,
    asked: () => asked,
    become: (next) => (fault = next),
    publish: async (version, rows, schema, model) => {
      const store = await inner.create(version, schema)
      await store.upsert(rows)
      await store.close()
      if (model !== undefined)
        await inner.describe(version, { rows: rows.length, recall: 1, k: 1, queries: 1, floor: 1, model })
      await inner.use(version)
    },
    database: {
      ...inner,
      current: () => through(() => inner.current()),
      about: (version) =>
        fault === 'undescribed'
          ? Promise.reject(new EnsuiteError('STORE_DAMAGED', 'Its manifest is not what was written.'))
          : through(() => inner.about(version)),
      open: (version) =>
        through(async () => {
          const store = await inner.open(version)
          open++
          return {
            ...store,
            close: () => {
              open--
              return store.close()
            },
            get: (ids) => counted(() => store.get(ids)),
            search: (queries, options) => counted(() => store.search(queries, options)),
          }
        }),
    },
  }
}
