import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { withDatabase } from '../events/database.ts'
import type { PreparedDataset } from '../events/index.ts'
import { filePattern, literal } from '../events/sql.ts'
import { findSource } from './find-source.ts'
import { checkSourceFiles, prepareFound } from './prepare.ts'
import { datasetNamed } from './registry.ts'

/** The data for development; it is not part of the repository. */
export const sharedData = join(import.meta.dirname, '../../../shared/data')
/** Why tests are skipped, for their names. */
export const sharedNote = existsSync(sharedData) ? '' : ' (skipped: ../shared/data is not here)'

export interface Prepared extends PreparedDataset {
  readonly folder: string
  /** Rows of `events.parquet` or of another file of the folder; values as texts, nulls as 'null'. */
  readonly query: (sql: string, file?: string) => Promise<readonly Readonly<Record<string, string>>[]>
}

/** Prepares a data set from a folder into a new one, removed after the tests of the file. */
export async function prepareFrom(
  name: string,
  from: string,
  options: { readonly seed?: number; readonly memoryLimit?: number } = {},
): Promise<Prepared> {
  const folder = mkdtempSync(join(tmpdir(), 'ensuite-dataset-'))
  cleanUp.push(folder)
  const dataset = datasetNamed(name)
  const found = await findSource(dataset, from)
  const sources = await checkSourceFiles(found, from)
  const prepared = await prepareFound(dataset, found, { folder, sources, seed: 1, ...options })
  return {
    ...prepared,
    folder,
    query: (sql, file = 'events.parquet') => {
      const path = join(folder, file)
      return withDatabase([path], (database) =>
        database.rows(
          sql.replace('FILE', `read_parquet(${literal(filePattern(path))}, hive_partitioning = false)`),
        ),
      )
    },
  }
}

const cleanUp: string[] = []
afterAll(() => {
  for (const folder of cleanUp) rmSync(folder, { recursive: true, force: true })
})
