import { checkPath } from '../options.ts'
import { checkFigures } from './check-evaluation.ts'
import { readRunEvents } from './run-events.ts'
import { invalidRun, readRunJson, runPath } from './run-files.ts'
import { recordOf } from './run-folder.ts'
import { RunEvaluationSchema, type RunEvaluation, type RunEvent, type RunRecord } from './run-schemas.ts'

/** All that a run folder holds. */
export interface Run {
  readonly run: RunRecord
  /** In the order in which they were written. */
  readonly events: readonly RunEvent[]
  /** Whether the run was killed while it wrote a line, which is left out of `events`. */
  readonly isTorn: boolean
  /** Of a run that was evaluated. */
  readonly evaluation?: RunEvaluation
}

/**
 * Reads a run folder, also one of a run that goes on. Throws `RUN_INVALID` where there is no run, or a file is too large or not what a run holds, `PATH_ESCAPES` for files that are links, and `OPTION_INVALID` for what is no path.
 */
export async function readRun(folder: string): Promise<Run> {
  checkPath('readRun', folder)
  const run = await recordOf(folder)
  if (run === undefined) throw invalidRun(`${runPath(folder, 'run')} is not there: the folder holds no run`)
  const { lines, isTorn } = await readRunEvents(folder)
  const evaluation = (await readRunJson(folder, 'evaluation', RunEvaluationSchema)) as
    RunEvaluation | undefined
  if (evaluation !== undefined) checkFigures(runPath(folder, 'evaluation'), evaluation)
  return { run, events: lines, isTorn, ...(evaluation && { evaluation }) }
}
