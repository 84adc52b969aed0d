import { access } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { EnsuiteError } from '../errors.ts'

/**
 * What a module of the user's own exports; it is run, since the user named it. Nothing that an artifact names is ever run.
 * Throws `FILE_NOT_FOUND`, `OPTION_INVALID`, or what the module throws where that has a code.
 */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  await access(path).catch((cause: unknown) => {
    throw new EnsuiteError('FILE_NOT_FOUND', `${path} cannot be read: ${(cause as Error).message}.`, {
      cause,
    })
  })
  try {
    return await imported(pathToFileURL(resolve(path)).href)
  } catch (cause) {
    if (cause instanceof EnsuiteError) throw cause
    throw new EnsuiteError('OPTION_INVALID', `${path} cannot be run: ${(cause as Error).message}.`, { cause })
  }
}

/** Node runs TypeScript itself from 22.18 on. */
async function imported(url: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(url)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    const unknown = (cause as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION'
    if (!unknown || !/^\.[mc]?ts$/.test(extname(url))) throw cause
    const { createJiti } = await import('jiti')
    return createJiti(import.meta.url, { fsCache: false }).import(url)
  }
}
