import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { FILE } from '../train/checkpoint.ts'

/** Where a training that writes an artifact to `out` has its checkpoints: beside it, also where the path ends in a slash. */
export const checkpointFolder = (out: string): string => `${resolve(out)}.training`

/** What a training says that is ended by Ctrl-C. Looks at the disk at once: the process ends. */
export const interruptedLine = (out: string): string =>
  existsSync(join(checkpointFolder(out), FILE))
    ? 'Interrupted. Go on from the last checkpoint with the same command and --resume.'
    : 'Interrupted before a checkpoint was written. The same command starts again.'
