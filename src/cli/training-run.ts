import { checkReplaceable, saveArtifact, warmStart } from '../artifact/index.ts'
import type { Runtime } from '../graph/index.ts'
import type { Model } from '../model.ts'
import type { WarmStart } from '../model/warm-start.ts'
import { EnsuiteError } from '../errors.ts'
import { RESERVED } from '../codes.ts'
import {
  checkUnused,
  hasCheckpoint,
  removeCheckpoint,
  removeKept,
  trainLocked,
  withCheckpointLock,
  type Trained,
  type TrainingCallback,
} from '../train/index.ts'
import { itemContent } from '../data/index.ts'
import type { FittedWorkflow } from '../workflow/index.ts'
import type { TrainingRecord } from './artifact-config.ts'
import { checkPart, validationPart } from './check-parts.ts'
import { checkPlaces } from './check-places.ts'
import { checkRanks } from './check-ranks.ts'
import { checkpointFolder } from './checkpoint-place.ts'
import type { TrainConfig } from './config.ts'
import { cutoffs, evaluateModel, type Evaluation } from './evaluate-model.ts'
import type { LeakFinding } from '../leakage/index.ts'
import { lookForLeaks } from './look-for-leaks.ts'
import { isTaken } from './new-folder.ts'
import type { Output } from './output.ts'
import { progressLine } from './progress.ts'
import type { Known } from './settle-config.ts'
import type { StartingArtifact } from './warm-config.ts'
import { keepEvaluation } from './keep-evaluation.ts'
import { checkWatched, runCallbacks, type WatchFlags } from './run-callbacks.ts'
import type { SessionRanks } from '../evaluate/index.ts'
import { loadTrainingData, type TrainingInput } from './training-data.ts'

export interface TrainingRun {
  readonly input: TrainingInput
  /** Makes the model, once it is known what the sessions hold. */
  readonly model: (fitted: FittedWorkflow, known?: Known) => Model
  /** Features that say what items are; default none. */
  readonly content?: readonly string[]
  /** What it goes on from; default nothing. */
  readonly start?: StartingArtifact | undefined
  /** Whether leaks that are errors end the run; default false. */
  readonly strictLeakage?: boolean
  /** Also from which of the checkpoints that were kept. */
  readonly resume: boolean | 'best' | number
  readonly checkpointSeconds?: number
  /** How many checkpoints of epochs stay beside the artifact; default none. */
  readonly keepCheckpoints?: number | undefined
  /** Where it is written down; default nowhere. */
  readonly watch?: WatchFlags
  readonly out: string
  /** Whether an artifact that is there is replaced. One that this very run has saved is, as it has its checkpoint still. */
  readonly overwrite: boolean
  /** `ks`: those of the default that fit the catalogue unless given. */
  readonly train: TrainConfig
}

export interface TrainingOutcome {
  readonly fitted: FittedWorkflow
  readonly trained: Trained
  readonly test: Evaluation
  readonly ks: readonly number[]
  readonly seconds: number
}

/**
 * The whole path of the `train` command: files → sessions → model → test figures → artifact.
 *
 * From before the data is read until the artifact is in place no other run may write to the same path: throws `CHECKPOINT_EXISTS` where one does, and `OUTPUT_EXISTS` where an artifact is there that is not to be replaced.
 */
export async function runTraining(
  run: TrainingRun,
  runtime: Runtime,
  output: Output,
): Promise<TrainingOutcome> {
  await checkPlaces(run.out, run.watch ?? {})
  await checkReplaceable(run.out)
  const folder = checkpointFolder(run.out)
  return withCheckpointLock(folder, () => trainInto(folder, run, runtime, output), {
    instead: 'another --out',
  })
}

async function trainInto(
  folder: string,
  run: TrainingRun,
  runtime: Runtime,
  output: Output,
): Promise<TrainingOutcome> {
  const started = performance.now()
  const isAnew = await checkPlace(folder, run)
  const { watch = {} } = run
  await checkWatched(watch, { resume: run.resume !== false })
  const data = await loadTrainingData(run.input, output)
  const { fitted } = data
  checkPart('test', data)
  const validation = validationPart(data, output)
  const { content: features = [] } = run
  const start = run.start && warmStart(run.start.artifact, fitted)
  if (start !== undefined) output.note(grownLine(run.start!.from, start))
  const made = run.model(fitted, {
    ...(start && { warmStart: start }),
    ...(features.length > 0 && {
      content: await itemContent(data.train, fitted.schema, features, start && { before: start.content }),
    }),
  })
  checkRanks(made.heads)

  const leakage = await lookForLeaks(
    data,
    {
      input: run.input,
      strict: run.strictLeakage ?? false,
      context: made.inputs.context.columns,
      now: Date.now(),
    },
    output,
  )
  const training = trainingOf(run, made, leakage)
  // The test part is measured by them where nothing validates, too.
  const { ks: asked, filterSeen = true, patience, ...settings } = run.train
  const ks = cutoffs(asked, fitted.schema.items - RESERVED)
  const metric = run.train.metric ?? `ndcg@${ks[0]!}`
  const line = progressLine(output, metric)
  let digest = ''
  const identity: TrainingCallback = { onStart: (start) => void (digest = start.digest) }
  if (run.resume === false || (run.resume === true && isAnew)) await removeKept(folder)
  const trained = await trainLocked(made, data.train, {
    ...settings,
    // The command line has a patience always; where nothing validates, a line has said that it does not count.
    ...(validation && { validation, metric, ks, filterSeen, ...(patience !== undefined && { patience }) }),
    runtime,
    checkpoint: {
      folder,
      resume: run.resume,
      ...(run.checkpointSeconds !== undefined && { everySeconds: run.checkpointSeconds }),
      ...(run.keepCheckpoints !== undefined && { keep: run.keepCheckpoints }),
    },
    callbacks: [
      line,
      identity,
      ...(await runCallbacks(watch, { fitted, split: data.split, settings: training })),
    ],
  })
  let ranks: SessionRanks | undefined
  const onRanks = (found: SessionRanks): void => void (ranks = found)
  const test = await evaluateModel(trained, { ...data, runtime, ks, filterSeen, onRanks })
  if (watch.run !== undefined) await keepEvaluation(watch.run, test, { ranks, sessions: data.test })
  await saveArtifact(
    run.out,
    {
      model: made,
      weights: trained.weights,
      workflow: fitted,
      metrics: { test, best: trained.best },
      history: trained.history,
      training: { ...training, run: digest },
    },
    { createdAt: new Date() },
  )
  await removeCheckpoint(folder)
  return { fitted, trained, test, ks, seconds: (performance.now() - started) / 1000 }
}

/** How it is trained, as the artifact and the run folder keep it. */
const trainingOf = (
  run: TrainingRun,
  { block }: Model,
  leakage: readonly LeakFinding[] | undefined,
): TrainingRecord => ({
  ...('learnFromAll' in run.input && run.input.learnFromAll && { learnFrom: 'all' }),
  ...(block.weights && { blockFrom: block.weights.from }),
  ...(run.start && { warmStart: run.start.from }),
  ...(leakage && { leakage }),
  train: run.train,
})

/** Throws `OUTPUT_EXISTS` where an artifact is there that is not to be replaced, and `CHECKPOINT_EXISTS` for the checkpoint of another run. Whether an artifact is to be replaced whose run has ended. */
export async function checkPlace(
  folder: string,
  { out, overwrite, resume }: Pick<TrainingRun, 'out' | 'overwrite' | 'resume'>,
): Promise<boolean> {
  const isBegun = await hasCheckpoint(folder)
  if (!overwrite && !(resume !== false && isBegun) && (await isTaken(out)))
    throw new EnsuiteError(
      'OUTPUT_EXISTS',
      `An artifact is at ${out} already. Add --overwrite to replace it once the run has ended, or choose another --out.`,
    )
  // What is kept of a run that has ended goes with its artifact.
  const isAnew = !isBegun && overwrite && (await isTaken(out))
  if (!isAnew) await checkUnused({ folder, resume })
  return isAnew
}

/** How far the vocabularies have grown since. */
function grownLine(from: string, { schema, before }: WarmStart): string {
  const features = Object.entries(schema.categorical).flatMap(([name, codes]) => {
    const more = codes - before.schema.categorical[name]!
    return more === 0 ? [] : [`${more} of ${name}`]
  })
  const items = `${schema.items - before.schema.items} items`
  return `Goes on from ${from}. New since: ${[items, ...features].join(', ')}`
}
