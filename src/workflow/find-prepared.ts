import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EnsuiteError } from '../errors.ts'

/** A file of sessions. */
export interface PreparedPart {
  readonly file: string
  /** From 1; 0 in a folder that is not divided by time. */
  readonly window: number
  readonly part: 'train' | 'valid' | 'test' | 'all'
}

const parts = ['train', 'valid', 'test'] as const

/** The files of a prepared folder in the order of their windows. Throws `FILE_NOT_FOUND` if there is none. */
export async function findPrepared(folder: string): Promise<readonly PreparedPart[]> {
  const names = await readdir(folder)
  if (names.includes('sessions.parquet'))
    return [{ file: join(folder, 'sessions.parquet'), window: 0, part: 'all' }]
  const undivided = parts.filter((part) => names.includes(`${part}.parquet`))
  if (undivided.length > 0)
    return undivided.map((part) => ({ file: join(folder, `${part}.parquet`), window: 0, part }))
  const windows = names.find((name) => name === 'sessions_by_day' || name === 'sessions_by_hour')
  if (windows === undefined)
    throw new EnsuiteError(
      'FILE_NOT_FOUND',
      `${folder} holds no sessions. Give a folder that prepare wrote, or prepare the events first.`,
    )
  const numbers = (await readdir(join(folder, windows))).filter((name) => /^[0-9]+$/.test(name)).map(Number)
  const found: PreparedPart[] = []
  for (const window of numbers.sort((left, right) => left - right)) {
    const files = await readdir(join(folder, windows, String(window)))
    for (const part of parts)
      if (files.includes(`${part}.parquet`))
        found.push({ file: join(folder, windows, String(window), `${part}.parquet`), window, part })
  }
  return found
}
