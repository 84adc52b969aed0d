import { readFile } from 'node:fs/promises'
import { EnsuiteError } from '../errors.ts'

/** A JSON file. Throws `FILE_NOT_FOUND` and `OPTION_INVALID`. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new EnsuiteError('FILE_NOT_FOUND', `${path} cannot be read: ${(cause as Error).message}.`, {
      cause,
    })
  })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new EnsuiteError('OPTION_INVALID', `${path} is no JSON: ${(cause as Error).message}.`, { cause })
  }
}
