import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { FILE } from '../train/checkpoint.ts'
import { hasCheckpoint, keptFiles } from '../train/index.ts'

/** Where a training that writes an artifact to `out` has its checkpoints: beside it, also where the path ends in a slash. */
export const checkpointFolder = (out: string): string => `${resolve(out)}.training`

/** What `--resume` says where there is nothing to go on from, as where `--out` is mistyped; undefined where there is something. */
export async function startingLine(out: string): Promise<string | undefined> {
  const folder = checkpointFolder(out)
  if ((await hasCheckpoint(folder)) || (await keptFiles(folder)).length > 0) return undefined
  return `No run has left a checkpoint in ${folder}: training starts at its beginning`
}

/** What a training says that is ended by Ctrl-C. Looks at the disk at once: the process ends. */
export const interruptedLine = (out: string): string =>
  existsSync(join(checkpointFolder(out), FILE))
    ? 'Interrupted. Go on from the last checkpoint with the same command and --resume.'
    : 'Interrupted before a checkpoint was written. The same command starts again.'
