import { join } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import { isVersion } from './checks.ts'
import { readDigested, writeDigested } from './digested-json.ts'
import type { LogEnd } from '../record-log/index.ts'

/** Of a folder's files beside its versions. */
export const CURRENT = 'current'
const FILE = `${CURRENT}.json`

/** Which version of a folder is in use, and where its log was when it was taken into use, where it has one. */
export interface Current {
  readonly version: string
  readonly end?: LogEnd
}

/** Undefined where none is. Throws `STORE_DAMAGED`. */
export async function readCurrent(folder: string): Promise<Current | undefined> {
  const path = join(folder, FILE)
  let cause: unknown
  try {
    const current = await readDigested(path)
    if (current === undefined) return undefined
    if (isVersion(current['version'])) return current as unknown as Current
  } catch (error) {
    cause = error
  }
  throw new EnsuiteError(
    'STORE_DAMAGED',
    `${path} does not say which version is in use. Take one into use.`,
    {
      cause,
    },
  )
}

/** The version that is named, or the one in use. Throws `STORE_MISSING` where neither is, and `STORE_DAMAGED`. */
export async function namedOrCurrent(folder: string, version: string | undefined): Promise<string> {
  const name = version ?? (await readCurrent(folder))?.version
  if (name !== undefined) return name
  throw new EnsuiteError(
    'STORE_MISSING',
    `No version in ${folder} is in use. Name one, or take one into use.`,
  )
}

export const writeCurrent = (folder: string, current: Current): Promise<void> =>
  writeDigested(join(folder, FILE), current)
