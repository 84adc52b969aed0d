import { EnsuiteError } from '../errors.ts'
import { hasCheckpoint } from './checkpoint.ts'
import { keptFiles } from './kept-checkpoints.ts'
import type { CheckpointOptions } from './train-options.ts'

/** Throws `CHECKPOINT_EXISTS` where a run that is to start would write over the checkpoint of another one, or over those that are kept of it. */
export async function checkUnused({
  folder,
  resume = false,
}: Pick<CheckpointOptions, 'folder' | 'resume'>): Promise<void> {
  if (resume !== false) return
  const isBegun = await hasCheckpoint(folder)
  const kept = await keptFiles(folder)
  if (!isBegun && kept.length === 0) return
  const what = isBegun
    ? 'the checkpoint of a run'
    : `checkpoints that were kept of a run (${kept.join(', ')})`
  const how = isBegun
    ? '--resume (resume: true in code)'
    : '--resume-from best, or the number of one (resume in code)'
  throw new EnsuiteError(
    'CHECKPOINT_EXISTS',
    `${folder} holds ${what}. Go on with ${how}, or choose another folder, or remove this one to start anew.`,
  )
}
