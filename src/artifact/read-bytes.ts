import type { FileHandle } from 'node:fs/promises'

/** One read takes at most 2³¹ − 1 bytes. */
const CHUNK = 256 * 1024 * 1024

export interface ReadRange {
  readonly from: number
  readonly length: number
  /** The error for what cannot be read: `cause` is what the system said. */
  readonly unreadable: (why: string, cause?: unknown) => Error
  /** Bytes a read at most; default 256 MiB. */
  readonly chunk?: number
}

/** `length` bytes from byte `from` on, in memory of their own, whatever their number. Throws what `unreadable` makes, and what the system says of a read. */
export async function readBytes(
  file: FileHandle,
  { from, length, unreadable, chunk = CHUNK }: ReadRange,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = allocate(length, unreadable)
  let at = 0
  while (at < length) {
    const { bytesRead } = await file.read(bytes, at, Math.min(chunk, length - at), from + at)
    if (bytesRead === 0)
      throw unreadable(`it ended at byte ${from + at} of ${from + length} while it was read`)
    at += bytesRead
  }
  return bytes
}

function allocate(length: number, unreadable: ReadRange['unreadable']): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length)
  } catch (cause) {
    throw unreadable(`its ${length} bytes do not fit into the memory of this machine`, cause)
  }
}
