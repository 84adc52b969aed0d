import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { RESERVED } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import { checkNoRun, mlflow, runFolder, tensorBoard } from '../runs/index.ts'
import { checkNoOther, checkRunPlace } from '../runs/check-run-place.ts'
import type { TrainingCallback } from '../train/index.ts'
import type { FittedWorkflow } from '../workflow/index.ts'

/** Where a training is written down, beside the artifact. */
export interface WatchFlags {
  readonly run?: string
  readonly commit?: string
  readonly tensorboard?: string
  readonly mlflow?: string
  readonly mlflowExperiment?: string
  readonly mlflowTokenFile?: string
}

export const watchOptions = (command: Command): Command =>
  command
    .optionsGroup('Watch:')
    .option('--run <folder>', 'write down what is trained, how it goes and what it is worth')
    .option('--commit <name>', 'of the code that trains, for --run')
    .option('--tensorboard <folder>', 'write for TensorBoard: curves, weights, item embeddings')
    .option('--mlflow <address>', 'send to an MLflow server; training goes on where it does not answer')
    .option('--mlflow-experiment <name>', 'of it; ensuite unless given')
    .option('--mlflow-token-file <file>', 'with the token for it')

/** Throws `OPTION_INVALID` and `OUTPUT_EXISTS` before anything takes long. */
export async function checkWatched(
  flags: WatchFlags,
  { resume }: { readonly resume: boolean },
): Promise<void> {
  const { run, commit, mlflow: address, mlflowExperiment, mlflowTokenFile } = flags
  const needs = [
    ['--commit', commit, '--run', run],
    ['--mlflow-experiment', mlflowExperiment, '--mlflow', address],
    ['--mlflow-token-file', mlflowTokenFile, '--mlflow', address],
  ] as const
  for (const [flag, given, other, beside] of needs)
    if (given !== undefined && beside === undefined)
      throw new EnsuiteError('OPTION_INVALID', `${flag} changes nothing without ${other}. Leave it out.`)
  if (run !== undefined && !resume) await checkNoRun(run)
  if (run !== undefined) await checkRunPlace(run)
  if (flags.tensorboard !== undefined) await checkNoOther(flags.tensorboard)
}

export interface Watched {
  readonly split: unknown
  readonly settings: unknown
  readonly fitted: FittedWorkflow
}

/** What writes a training down as flags say. Throws `FILE_NOT_FOUND`, and `OPTION_INVALID` for an address that is none. */
export async function runCallbacks(
  flags: WatchFlags,
  { split, settings, fitted }: Watched,
): Promise<readonly TrainingCallback[]> {
  const { run, commit, tensorboard, mlflow: trackingUri, mlflowExperiment, mlflowTokenFile } = flags
  const token = mlflowTokenFile === undefined ? undefined : await readToken(mlflowTokenFile)
  return [
    ...(run === undefined
      ? []
      : [runFolder(run, { split, settings, ...(commit !== undefined && { commit }) })]),
    ...(tensorboard === undefined ? [] : [tensorBoard(tensorboard, { itemNames: itemNames(fitted) })]),
    ...(trackingUri === undefined
      ? []
      : [
          mlflow({
            ...{ trackingUri, experiment: mlflowExperiment ?? 'ensuite' },
            ...(token !== undefined && { token }),
          }),
        ]),
  ]
}

async function readToken(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new EnsuiteError('FILE_NOT_FOUND', `The token file ${path} cannot be read: ${String(cause)}.`, {
      cause,
    })
  })
  return text.trim()
}

/** By code from the first item; codes of buckets, which stand for several, are numbered. */
function itemNames(fitted: FittedWorkflow): readonly string[] {
  const { size, values } = fitted.vocabulary(fitted.definition.item!)
  const buckets = Array.from({ length: size - RESERVED - values.length }, (_, at) => `bucket ${at}`)
  return [...buckets, ...values]
}
