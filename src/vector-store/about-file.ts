import { EnsuiteError } from '../errors.ts'
import { readDigested, writeDigested } from './digested-json.ts'
import { versionAbout, type VersionAbout } from './version-about.ts'

/** Undefined where nothing was measured. Throws `STORE_DAMAGED`. */
export async function readAboutFile(path: string, version: string): Promise<VersionAbout | undefined> {
  let cause: unknown
  try {
    const json = await readDigested(path)
    if (json === undefined) return undefined
    // Its own name is in it, so that the file of another version is not taken for this one's.
    const about = json['version'] === version ? versionAbout(json) : undefined
    if (about !== undefined) return about
  } catch (error) {
    cause = error
  }
  throw new EnsuiteError(
    'STORE_DAMAGED',
    `${path} is not what was written of version '${version}'. Measure it again, with publishVectors under another name.`,
    { cause },
  )
}

export const writeAboutFile = (path: string, version: string, about: VersionAbout): Promise<void> =>
  writeDigested(path, { version, ...about })
