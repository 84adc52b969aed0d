import type { Command } from 'commander'
import { checkNoRun, runFolder } from '../runs/index.ts'
import type { TrainingCallback } from '../train/index.ts'

/** Where a training is written down, beside the artifact. */
export interface WatchFlags {
  readonly run?: string
  readonly commit?: string
}

export const watchOptions = (command: Command): Command =>
  command
    .optionsGroup('Watch:')
    .option('--run <folder>', 'write down what is trained, how it goes and what it is worth')
    .option('--commit <name>', 'of the code that trains, for --run')

/** Throws `ARTIFACT_EXISTS` before anything takes long. */
export async function checkWatched(
  { run }: WatchFlags,
  { resume }: { readonly resume: boolean },
): Promise<void> {
  if (run !== undefined && !resume) await checkNoRun(run)
}

export interface Watched {
  readonly split: unknown
  readonly settings: unknown
}

export const runCallbacks = (
  { run, commit }: WatchFlags,
  { split, settings }: Watched,
): readonly TrainingCallback[] =>
  run === undefined ? [] : [runFolder(run, { split, settings, ...(commit !== undefined && { commit }) })]
