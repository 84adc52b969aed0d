import { realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import type { WatchFlags } from './run-callbacks.ts'

/** Throws `OPTION_INVALID` where what a training writes down and its artifact would be in one folder, or one inside of the other: the artifact could not be saved at the end. */
export async function checkPlaces(out: string, { run, tensorboard }: WatchFlags): Promise<void> {
  const artifact = await placeOf(out)
  const others = [
    ['--run', run],
    ['--tensorboard', tensorboard],
  ] as const
  for (const [flag, path] of others) {
    if (path === undefined) continue
    const place = await placeOf(path)
    if (isInside(place, artifact) || isInside(artifact, place))
      throw new EnsuiteError(
        'OPTION_INVALID',
        `${flag} ${path} and --out ${out} are ${place === artifact ? 'one folder' : 'one inside of the other'}, and an artifact holds nothing else and lies in no run. Choose another folder for ${flag}.`,
      )
  }
}

/** Whether a place is another one, or inside of it. */
function isInside(place: string, other: string): boolean {
  const way = relative(other, place)
  return way !== '..' && !way.startsWith(`..${sep}`)
}

/** The path without links, as far as it is there. */
async function placeOf(path: string): Promise<string> {
  const whole = resolve(path)
  try {
    return await realpath(whole)
  } catch {
    return dirname(whole) === whole ? whole : join(await placeOf(dirname(whole)), basename(whole))
  }
}
