import { readlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { unwritable } from '../ensure-folder.ts'

/** As many as Linux follows. */
const MOST_LINKS = 40

/** Where a path leads that may be a symbolic link, also one to nothing. Throws `FILE_UNWRITABLE` for links that lead in a circle. */
export async function linkTarget(path: string): Promise<string> {
  let place = resolve(path)
  for (let links = 0; links <= MOST_LINKS; links++) {
    const target = await readlink(place).catch(() => undefined)
    if (target === undefined) return place
    place = resolve(dirname(place), target)
  }
  throw unwritable(path, 'its symbolic links lead in a circle')
}
