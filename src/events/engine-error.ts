import { EnsuiteError } from '../errors.ts'

const isMemoryFull = (cause: Error): boolean => cause.message.startsWith('Out of Memory')
const isDiskFull = (cause: Error): boolean => /no space left on device/i.test(cause.message)

/** Whether the engine ran out of memory or disk, which says nothing of the files that it reads. */
export const isShortOfRoom = (cause: unknown): boolean =>
  cause instanceof Error && (isMemoryFull(cause) || isDiskFull(cause))

/** What an error of the engine means to the user: a coded one for what does not fit into memory or on the disk, others as they are. */
export function engineError(cause: unknown, memoryLimit: number | undefined): unknown {
  if (!(cause instanceof Error)) return cause
  const [said] = cause.message.split('\n')
  if (isMemoryFull(cause)) {
    const limit =
      memoryLimit === undefined ? 'there is' : `the limit of ${Math.floor(memoryLimit / 1e6)} MB allows`
    return new EnsuiteError(
      'MEMORY_FULL',
      `The engine needs more memory than ${limit} (${said!}). Raise the limit: memoryLimit, or --memory.`,
      { cause },
    )
  }
  if (isDiskFull(cause))
    return new EnsuiteError(
      'FILE_UNWRITABLE',
      `The disk is full (${said!}). Make room, or write elsewhere.`,
      {
        cause,
      },
    )
  return cause
}
