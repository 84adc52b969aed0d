import { EnsuiteError } from '../errors.ts'

/** What an error of the engine means to the user: a coded one for what does not fit into memory, others as they are. */
export function memoryFull(cause: unknown, memoryLimit: number | undefined): unknown {
  if (!(cause instanceof Error && cause.message.startsWith('Out of Memory'))) return cause
  const limit =
    memoryLimit === undefined ? 'there is' : `the limit of ${Math.floor(memoryLimit / 1e6)} MB allows`
  return new EnsuiteError(
    'MEMORY_FULL',
    `The engine needs more memory than ${limit} (${cause.message.split('\n')[0]!}). Raise the limit: memoryLimit, or --memory.`,
    { cause },
  )
}
