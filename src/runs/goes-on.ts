import type { TrainingStart } from '../train/index.ts'
import { invalidRun } from './run-files.ts'
import { isThere, readRunEvents } from './run-events.ts'
import type { RunRecord } from './run-schemas.ts'

/**
 * Throws unless a training may write on in the folder of a run: `RUN_INVALID` where that is another one; `OUTPUT_EXISTS` where lines of it would be lost that are not made again from its checkpoint, as it has ended, or the training
 * begins anew.
 */
export async function checkGoesOn(folder: string, run: RunRecord, start: TrainingStart): Promise<void> {
  if (run.digest !== start.digest)
    throw invalidRun(
      `${folder} holds the run '${run.name}', which had other parts, options or data. Choose another folder for this one`,
    )
  // A run that is killed before its first checkpoint has no line yet, and begins again.
  const isNew = !start.resumed && (await readRunEvents(folder)).lines.length > 0
  if (isNew || (run.status === 'ended' && isBefore(start, run))) throw isThere(folder)
}

/** Whether a training goes on from a place that a run has left behind. */
const isBefore = ({ before }: TrainingStart, { result }: RunRecord): boolean =>
  result !== undefined &&
  (before.update < result.update ||
    before.epochs.length < result.epochs ||
    before.windows.length < result.windows)
