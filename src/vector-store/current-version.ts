import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isRecord, writeWhole } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { isVersion } from './checks.ts'
import type { LogEnd } from './vector-log.ts'

const FILE = 'current.json'

/** Which version of a folder is in use, and where its log was when it was taken into use, where it has one. */
export interface Current {
  readonly version: string
  readonly end?: LogEnd
}

/** Undefined where none is. Throws `STORE_DAMAGED`. */
export async function readCurrent(folder: string): Promise<Current | undefined> {
  const path = join(folder, FILE)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    const current: unknown = JSON.parse(text.slice(0, 10_000))
    if (isRecord(current) && isVersion(current['version'])) return current as unknown as Current
  } catch {
    // As below.
  }
  throw new EnsuiteError('STORE_DAMAGED', `${path} does not say which version is in use. Take one into use.`)
}

export const writeCurrent = (folder: string, current: Current): Promise<void> =>
  writeWhole(join(folder, FILE), JSON.stringify(current))
