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
    return (await import(pathToFileURL(resolve(path)).href)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    if (cause instanceof EnsuiteError) throw cause
    const advice =
      extname(path) === '.ts' && (cause as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION'
        ? ` Node ${process.versions.node} runs no TypeScript: use Node 22.18 or later, or write it as .mjs.`
        : ''
    throw new EnsuiteError('OPTION_INVALID', `${path} cannot be run: ${(cause as Error).message}.${advice}`, {
      cause,
    })
  }
}
