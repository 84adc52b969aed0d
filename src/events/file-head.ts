import { open } from 'node:fs/promises'
import { constants, gunzipSync } from 'node:zlib'
import { EnsuiteError } from '../errors.ts'

/** The beginning of a text file, unpacked. */
export interface FileHead {
  readonly text: string
  /** Whether `text` is all of the file. */
  readonly whole: boolean
}

const BYTES = 65_536
/** Gzip packs at most about a thousandfold, so this many bytes unpack to 16 MB at most. */
const COMPRESSED_BYTES = 16_384

/** Reads the beginning of a text file. Throws `FILE_UNREADABLE` if it is no text in UTF-8, or not packed as its name says. */
export async function readHead(path: string): Promise<FileHead> {
  const named = path.toLowerCase().endsWith('.gz')
  const { bytes, size } = await firstBytes(path, named ? COMPRESSED_BYTES : BYTES)
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b
  if (packed !== named && size > 0) {
    throw new EnsuiteError(
      'FILE_UNREADABLE',
      packed
        ? `${path} is gzip data under a name that does not end in .gz. Rename it.`
        : `${path} ends in .gz but holds no gzip data. Rename it, or fetch it again.`,
    )
  }
  const unpacked = packed ? unpack(path, bytes) : bytes
  if (unpacked.includes(0)) {
    throw new EnsuiteError(
      'FILE_UNREADABLE',
      `${path} is binary data or text in UTF-16 (a zero byte is among the first ${unpacked.length}); text in UTF-8 is expected. ` +
        `Convert it, or give the true format.`,
    )
  }
  return { text: new TextDecoder().decode(unpacked), whole: bytes.length === size }
}

async function firstBytes(
  path: string,
  count: number,
): Promise<{ readonly bytes: Uint8Array; readonly size: number }> {
  try {
    const file = await open(path)
    try {
      const { size } = await file.stat()
      const { buffer, bytesRead } = await file.read(new Uint8Array(Math.min(count, size)))
      return { bytes: buffer.subarray(0, bytesRead), size }
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw new EnsuiteError('FILE_UNREADABLE', `${path} cannot be read: ${String(cause)}.`, { cause })
  }
}

function unpack(path: string, bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
  } catch (cause) {
    throw new EnsuiteError('FILE_UNREADABLE', `${path} is damaged gzip data: ${String(cause)}.`, { cause })
  }
}
