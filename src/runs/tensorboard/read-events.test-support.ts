import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeEvent, type BoardEvent } from './event-schema.ts'
import { maskedChecksum } from './records.ts'

/** The events of a file, each record's checksums compared. */
export async function readEventFile(path: string): Promise<readonly BoardEvent[]> {
  const checksum = await maskedChecksum()
  const bytes = new Uint8Array(await readFile(path))
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const events: BoardEvent[] = []
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true))
    const data = bytes.subarray(at + 12, at + 12 + length)
    if (view.getUint32(at + 8, true) !== checksum(bytes.subarray(at, at + 8)))
      throw new Error(`the length at ${at} has another checksum`)
    if (view.getUint32(at + 12 + length, true) !== checksum(data))
      throw new Error(`the record at ${at} has another checksum`)
    events.push(decodeEvent(data))
    at += length + 16
  }
  return events
}

/** The files of events of a folder, in the order of their names. */
export const eventFiles = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder))
    .filter((name) => name.startsWith('events.out.tfevents.'))
    .sort()
    .map((name) => join(folder, name))
