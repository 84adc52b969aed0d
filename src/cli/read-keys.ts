import { readFile } from 'node:fs/promises'
import { EnsuiteError } from '../errors.ts'
import { isRecord } from '../artifact/index.ts'
import type { KeyOptions } from '../serve/index.ts'

/** Holds what a file of keys would hold, for places that keep secrets in the environment. */
export const KEYS_VARIABLE = 'ENSUITE_KEYS'

/** The keys of a server: of a JSON file, or of the environment; none where neither is given. Throws `FILE_NOT_FOUND` and `KEYS_INVALID`. */
export async function readKeys(
  path: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly KeyOptions[]> {
  const variable = environment[KEYS_VARIABLE]
  const where = path ?? KEYS_VARIABLE
  const text = path === undefined ? variable : await textOf(path)
  if (text === undefined || (path === undefined && text === '')) return []
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    // The message of the parser quotes the text, which may hold a key.
    throw new EnsuiteError('KEYS_INVALID', `${where} is no JSON. ${EXAMPLE}`)
  }
  const keys = isRecord(found) ? found['keys'] : undefined
  if (!Array.isArray(keys)) throw new EnsuiteError('KEYS_INVALID', `${where} has no list 'keys'. ${EXAMPLE}`)
  return keys as readonly KeyOptions[]
}

const EXAMPLE = 'Write {"keys": [{"name": "shop", "scopes": ["read", "write"], "sha256": "…"}]}.'

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new EnsuiteError('FILE_NOT_FOUND', `${path} cannot be read: ${(cause as Error).message}.`, {
      cause,
    })
  })
}
