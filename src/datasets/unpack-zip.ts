import { createWriteStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as zlib from 'node:zlib'
import { openPromise, type Entry, type ZipFile } from 'yauzl'
import { EnsuiteError } from '../errors.ts'

export interface UnpackOptions {
  /** An empty folder. */
  readonly folder: string
  /** The paths in the archive of the files that are unpacked, where they are there. */
  readonly names: ReadonlySet<string>
  /** Of all these files together, unpacked. */
  readonly mostBytes: number
}

/** More than any archive of a data set has. */
const MOST_ENTRIES = 100_000

/**
 * Unpacks some files of a zip archive, each flushed, and returns their paths in it.
 *
 * Sizes are checked as they are declared and as bytes come, contents against their CRC-32 (in Node 20.15 and later); links become files. What has been written is the
 * caller's to remove on an error. Throws `PATH_ESCAPES` where any file of the archive points outside, and `FILE_UNREADABLE`; errors of the disk pass.
 */
export async function unpackZip(archive: string, options: UnpackOptions): Promise<readonly string[]> {
  const zip = await reading(archive, () => openPromise(archive, { autoClose: false }))
  try {
    const entries = await reading(archive, () => allEntries(zip, archive))
    const wanted = entries.filter(({ fileName }) => options.names.has(fileName))
    const bytes = wanted.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0)
    if (bytes > options.mostBytes)
      throw unreadable(archive, `it unpacks to ${bytes} bytes; at most ${options.mostBytes} are expected`)
    for (const entry of wanted) await unpackEntry(zip, entry, { archive, folder: options.folder })
    return wanted.map(({ fileName }) => fileName)
  } finally {
    zip.close()
  }
}

async function allEntries(zip: ZipFile, archive: string): Promise<readonly Entry[]> {
  if (zip.entryCount > MOST_ENTRIES)
    throw unreadable(archive, `it has ${zip.entryCount} files; at most ${MOST_ENTRIES} are expected`)
  const entries = new Map<string, Entry>()
  for await (const entry of zip.eachEntry()) {
    if (entries.has(entry.fileName)) throw unreadable(archive, `it holds '${entry.fileName}' twice`)
    entries.set(entry.fileName, entry)
  }
  return [...entries.values()]
}

async function unpackEntry(
  zip: ZipFile,
  entry: Entry,
  { archive, folder }: { readonly archive: string; readonly folder: string },
): Promise<void> {
  const { fileName, crc32 } = entry
  if (entry.isEncrypted()) throw unreadable(archive, `'${fileName}' is encrypted`)
  const path = join(folder, fileName)
  await mkdir(dirname(path), { recursive: true })
  const content = await reading(archive, () => zip.openReadStreamPromise(entry))
  const sum = checksum()
  // It also ends where more bytes come than are declared.
  await reading(archive, () => pipeline(content, sum.pass, createWriteStream(path, { flags: 'wx' })))
  if (sum.value() !== undefined && sum.value() !== crc32)
    throw unreadable(archive, `'${fileName}' is not what was packed: its CRC-32 differs`)
  const file = await open(path, 'r+')
  await file.sync().finally(() => file.close())
}

/** Lets bytes through and sums them up, where this version of Node can. */
function checksum(): { readonly pass: Transform; readonly value: () => number | undefined } {
  const known = 'crc32' in zlib
  let sum = 0
  const pass = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      if (known) sum = zlib.crc32(chunk, sum)
      done(null, chunk)
    },
  })
  return { pass, value: () => (known ? sum : undefined) }
}

/** Runs `read`, and says of what it throws that the archive is not whole; the disk's own errors pass. */
async function reading<Result>(archive: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (cause) {
    if (cause instanceof EnsuiteError || !(cause instanceof Error)) throw cause
    if ('syscall' in cause) throw cause
    if (/^(invalid relative path|absolute path|invalid characters in fileName)/.test(cause.message))
      throw new EnsuiteError(
        'PATH_ESCAPES',
        `${archive} holds a file that points outside its folder (${cause.message}). It is not the archive that is expected: do not use it.`,
        { cause },
      )
    throw unreadable(archive, cause.message, cause)
  }
}

const unreadable = (archive: string, why: string, cause?: unknown): EnsuiteError =>
  new EnsuiteError(
    'FILE_UNREADABLE',
    `${archive} cannot be unpacked: ${why}. Remove it and repeat the command to fetch it again.`,
    { cause },
  )
