import { readFile } from 'node:fs/promises'
import { isRecord, writeWhole } from '../artifact/index.ts'
import { sha256 } from '../artifact/sha256.ts'
import { digestedBytes } from '../json-digest.ts'

/** A larger file is none of ours. */
const LONGEST = 100_000

/** A small file of JSON that holds a digest of itself. */
export const writeDigested = (path: string, json: object): Promise<void> =>
  writeWhole(path, JSON.stringify({ ...json, digest: sha256(digestedBytes(json)) }))

/** What was written; undefined where there is no file. Throws where it is another one, or cannot be read. */
export async function readDigested(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
  const json: unknown = text.length > LONGEST ? undefined : JSON.parse(text)
  if (!isRecord(json) || json['digest'] !== sha256(digestedBytes(json)))
    throw new Error(`${path} is not what was written`)
  const { digest: _, ...rest } = json
  return rest
}
