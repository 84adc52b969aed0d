/** What holds something that must be given back, such as a session of the runtime. */
export interface Closable {
  close(): Promise<void>
}

/** Closes all of it, also where one fails to; throws the first error when that is done. */
export async function closeAll(...made: readonly (Closable | undefined)[]): Promise<void> {
  const errors: unknown[] = []
  for (const each of made)
    try {
      await each?.close()
    } catch (error) {
      errors.push(error)
    }
  if (errors.length > 0) throw errors[0]
}

/** What `make` gives; where it throws, what was made before it is closed. */
export async function closingOnError<Made>(
  before: Closable | undefined,
  make: () => Made | Promise<Made>,
): Promise<Made> {
  try {
    return await make()
  } catch (error) {
    // Of two errors the first one says what went wrong.
    await before?.close().catch(() => undefined)
    throw error
  }
}
