import { nodeRuntime } from '../graph/node.ts'
import { checkNumber, checkOptions, checkPath } from '../options.ts'
import {
  approximateDefaults,
  approximateNearest,
  indexSettings,
  type ApproximateOptions,
} from './approximate-nearest.ts'
import { exactNearest } from './exact-nearest.ts'
import { folderDatabase } from './folder-database.ts'
import { keptIndex, readAbout } from './kept-index.ts'
import type { VectorDatabase } from './vector-store.ts'

export interface ExactOptions {
  /** Threads of ONNX Runtime; the number of cores by default. */
  readonly threads?: number
}

/**
 * Versions in a folder, each searched exactly by ONNX Runtime: every row is scored. The right choice up to some 200,000 rows.
 * Rows are in memory, and what happens to them in a log that is flushed before a call is answered. One process has a version open at a time.
 */
export function exactVectors(folder: string, options: ExactOptions = {}): VectorDatabase {
  checkPath('exactVectors', folder)
  checkOptions('exactVectors', options, ['threads'])
  const { threads } = options
  if (threads !== undefined)
    checkNumber('exactVectors: threads', threads, { integer: true, min: 1, max: 1024 })
  return folderDatabase(folder, {
    known: () => Promise.resolve([]),
    make: () => Promise.resolve(exactNearest(nodeRuntime(options))),
  })
}

/**
 * Versions in a folder, each with an approximate index (usearch) whose finds are scored again exactly: for more than 200,000 rows. Needs the package `usearch`.
 * The index is kept beside the rows when the store is closed, and made anew where it is not the one that was written.
 */
export function approximateVectors(folder: string, options: ApproximateOptions = {}): VectorDatabase {
  checkPath('approximateVectors', folder)
  checkOptions('approximateVectors', options, Object.keys(approximateDefaults))
  const full = { ...approximateDefaults, ...options }
  for (const [name, value] of Object.entries(full))
    checkNumber(`approximateVectors: ${name}`, value, {
      integer: true,
      min: name === 'threads' ? 1 : 2,
      max: name === 'threads' ? 256 : 4096,
    })
  return folderDatabase(folder, {
    known: async (own) => [(await readAbout(own))?.end ?? []].flat(),
    make: (own, { table, end }, isKnown) =>
      approximateNearest(table, full, keptIndex(own, { settings: indexSettings(full), end, isKnown })),
  })
}
