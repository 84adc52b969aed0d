import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import { DATASET_FORMAT } from './prepare.ts'

const ours = new Set(['dataset.json', 'events.parquet', 'sessions_by_hour', 'sessions_by_day'])
/** `dataset.json` lists hundreds of windows at most. */
const MOST_BYTES = 4 * 2 ** 20

/** Throws `OUTPUT_EXISTS` unless nothing, an empty folder or a prepared data set is at `path`. */
export async function checkOutput(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isDirectory()) throw exists(path, 'is no folder')
  const names = await readdir(path)
  if (names.length === 0) return
  const other = names.find((name) => !ours.has(name))
  if (other !== undefined) throw exists(path, `holds '${other}'`)
  if (!(await isDataset(join(path, 'dataset.json'))))
    throw exists(path, 'holds no dataset.json of this program')
}

async function isDataset(path: string): Promise<boolean> {
  try {
    const file = await open(path)
    try {
      if ((await file.stat()).size > MOST_BYTES) return false
      const content: unknown = JSON.parse(await file.readFile('utf8'))
      return (
        typeof content === 'object' &&
        content !== null &&
        'format' in content &&
        content.format === DATASET_FORMAT
      )
    } finally {
      await file.close()
    }
  } catch {
    return false
  }
}

const exists = (path: string, why: string): EnsuiteError =>
  new EnsuiteError(
    'OUTPUT_EXISTS',
    `${path} exists and ${why}; only a data set that this command has made is replaced. Choose another --out, or move what is there.`,
  )
