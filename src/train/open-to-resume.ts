import { EnsuiteError } from '../errors.ts'
import { FILE } from './checkpoint.ts'
import { bestFile, epochFile, keptFiles, windowFile } from './kept-checkpoints.ts'
import { latestProgress, openCheckpoint, waysOn, type OpenedCheckpoint } from './open-checkpoint.ts'
import type { CheckpointOptions } from './train-options.ts'

/** Opens what a run is to go on from. Undefined where it starts. Throws `CHECKPOINT_INVALID`, also where the one that was asked for is not there. */
export async function openToResume(
  { folder, resume = false }: CheckpointOptions,
  fingerprint: string,
  kind: 'epoch' | 'window',
): Promise<OpenedCheckpoint | undefined> {
  if (resume === false) return undefined
  if (resume === true) {
    const last = await openCheckpoint(folder, fingerprint)
    if (last === undefined && (await keptFiles(folder)).length > 0)
      throw new EnsuiteError(
        'CHECKPOINT_INVALID',
        `The last checkpoint of ${folder} is not there, and others are. ${await waysOn(folder, FILE)}`,
      )
    return last
  }
  const latest = resume === 'best' ? await latestProgress(folder) : undefined
  const file =
    typeof resume === 'number'
      ? kind === 'epoch'
        ? epochFile(resume)
        : windowFile(resume)
      : latest && bestFile(latest)
  const opened = file === undefined ? undefined : await openCheckpoint(folder, fingerprint, file)
  if (opened !== undefined) return opened
  const which = typeof resume === 'number' ? `of ${kind} ${resume}` : 'of the best'
  throw noCheckpoint(folder, which, await keptFiles(folder))
}

export function noCheckpoint(folder: string, which: string, there: readonly string[]): EnsuiteError {
  return new EnsuiteError(
    'CHECKPOINT_INVALID',
    `${folder} holds no checkpoint ${which}. ${there.length === 0 ? 'None are kept there: train with checkpoint: { keep: 3 } for one (--keep-checkpoints 3).' : `Those that are kept: ${there.join(', ')}.`}`,
  )
}
