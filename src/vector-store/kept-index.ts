import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { isRecord } from '../artifact/index.ts'
import { readDigested, writeDigested } from './digested-json.ts'
import type { LogEnd } from '../record-log/index.ts'

/** An index in a file, beside a file that says of which rows it is. */
export interface KeptIndex {
  /** The file and the rows that it holds; undefined where it is not the one that was written, or of other rows. */
  readonly load: () => Promise<({ readonly path: string } & IndexedRows) | undefined>
  /** Has it written to a path, and says of what it is. */
  readonly save: (indexed: IndexedRows, write: (path: string) => void) => Promise<void>
}

/** Which places of a table an index holds: the first `rows` of them, as they were in that generation of the table. */
export interface IndexedRows {
  readonly rows: number
  readonly generation: number
}

export interface KeptIndexOptions {
  /** What makes an index another one. */
  readonly settings: object
  /** Where the log of the rows is now. */
  readonly end: () => LogEnd
  /** Whether the log has passed the place that the kept index names. */
  readonly isKnown: boolean
}

export interface KeptAbout extends IndexedRows {
  readonly sha256: string
  readonly settings: object
  readonly end: LogEnd
}

const INDEX = 'vectors.usearch'
const ABOUT = 'vectors.usearch.json'

/** What is known of the kept index of a folder; undefined for none, or what is not what was written. */
export async function readAbout(folder: string): Promise<KeptAbout | undefined> {
  const about = await readDigested(join(folder, ABOUT)).catch(() => undefined)
  return about !== undefined &&
    isRecord(about['end']) &&
    isRecord(about['settings']) &&
    typeof about['sha256'] === 'string' &&
    Number.isInteger(about['rows']) &&
    Number.isInteger(about['generation'])
    ? (about as unknown as KeptAbout)
    : undefined
}

/** A damaged file would take the process with it: it is opened only where its digest is the one that was written. */
export function keptIndex(folder: string, { settings, end, isKnown }: KeptIndexOptions): KeptIndex {
  const path = join(folder, INDEX)
  return {
    load: async () => {
      const about = await readAbout(folder)
      if (about === undefined || JSON.stringify(about.settings) !== JSON.stringify(settings) || !isKnown)
        return undefined
      const digest = await fileDigest(path).catch(() => undefined)
      const { rows, generation } = about
      return digest === about.sha256 ? { path, rows, generation } : undefined
    },
    save: async (indexed, write) => {
      const at = end()
      await rm(join(folder, ABOUT), { force: true })
      write(path)
      const about: KeptAbout = { ...indexed, sha256: await fileDigest(path), settings, end: at }
      await writeDigested(join(folder, ABOUT), about)
    },
  }
}

/** Of a file of any size, which need not fit into memory beside what it holds. */
async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}
