import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isRecord, writeWhole } from '../artifact/index.ts'
import { sha256 } from '../artifact/sha256.ts'
import type { LogEnd } from './vector-log.ts'

/** An index in a file, beside a file that says of which rows it is. */
export interface KeptIndex {
  /** The file and the rows that it holds; undefined where it is not the one that was written, or of other rows. */
  readonly load: () => Promise<{ readonly path: string; readonly rows: number } | undefined>
  /** Has it written to a path, and says of what it is. */
  readonly save: (rows: number, write: (path: string) => void) => Promise<void>
}

export interface KeptIndexOptions {
  /** What makes an index another one. */
  readonly settings: object
  /** Where the log of the rows is now. */
  readonly end: () => LogEnd
  /** Whether the log has passed the place that the kept index names. */
  readonly isKnown: boolean
}

const INDEX = 'vectors.usearch'
const ABOUT = 'vectors.usearch.json'

/** What is known of the kept index of a folder; undefined for none, or what is not readable. */
export async function readAbout(folder: string): Promise<KeptAbout | undefined> {
  const text = await readFile(join(folder, ABOUT), 'utf8').catch(() => undefined)
  if (text === undefined || text.length > 10_000) return undefined
  try {
    const about: unknown = JSON.parse(text)
    return isRecord(about) &&
      isRecord(about['end']) &&
      typeof about['sha256'] === 'string' &&
      Number.isInteger(about['rows'])
      ? (about as unknown as KeptAbout)
      : undefined
  } catch {
    return undefined
  }
}

export interface KeptAbout {
  readonly rows: number
  readonly sha256: string
  readonly settings: object
  readonly end: LogEnd
}

/** A damaged file would take the process with it: it is opened only where its digest is the one that was written. */
export function keptIndex(folder: string, { settings, end, isKnown }: KeptIndexOptions): KeptIndex {
  const path = join(folder, INDEX)
  return {
    load: async () => {
      const about = await readAbout(folder)
      if (about === undefined || JSON.stringify(about.settings) !== JSON.stringify(settings) || !isKnown)
        return undefined
      const bytes = await readFile(path).catch(() => undefined)
      return bytes !== undefined && sha256(bytes) === about.sha256 ? { path, rows: about.rows } : undefined
    },
    save: async (rows, write) => {
      const at = end()
      await rm(join(folder, ABOUT), { force: true })
      write(path)
      const about: KeptAbout = { rows, sha256: sha256(await readFile(path)), settings, end: at }
      await writeWhole(join(folder, ABOUT), JSON.stringify(about))
    },
  }
}
