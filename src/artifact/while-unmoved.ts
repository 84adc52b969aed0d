import { stat } from 'node:fs/promises'

/** So often another folder may take the place while one is looked at. */
const MOST_ATTEMPTS = 20
const MISSING = 'missing'

/**
 * Looks at the folder at `path`. Where that fails and another folder has meanwhile taken the place, or none, it looks again: another run
 * was saving, and a failure says nothing of what is there now.
 */
export async function whileUnmoved<Value>(path: string, look: () => Promise<Value>): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    const before = await identity(path)
    try {
      return await look()
    } catch (error) {
      const now = await identity(path)
      // Missing twice may be two gaps between two renames; a folder that is gone stays so.
      const moved = now !== before || (now === MISSING && attempt < 3)
      if (attempt === MOST_ATTEMPTS || !moved) throw error
    }
  }
}

/** The time is there because the number of a removed folder may be given to the next one. */
async function identity(path: string): Promise<string> {
  return stat(path, { bigint: true }).then(
    ({ dev, ino, mtimeNs }) => [dev, ino, mtimeNs].join(),
    () => MISSING,
  )
}
