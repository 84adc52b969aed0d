import { checkReplaceable, fitBaseline, saveBaseline, type BaselineRecord } from '../artifact/index.ts'
import { RESERVED } from '../codes.ts'
import { withCheckpointLock } from '../train/index.ts'
import type { BaselineSettings } from './baseline-settings.ts'
import { checkPart } from './check-parts.ts'
import { checkpointFolder } from './checkpoint-place.ts'
import { evaluateFitted } from './evaluate-fitted.ts'
import { cutoffs, type Evaluation } from './evaluate-model.ts'
import { lookForLeaks } from './look-for-leaks.ts'
import { checkPlace } from './training-run.ts'
import type { Output } from './output.ts'
import { loadTrainingData, type TrainingInput } from './training-data.ts'

export interface BaselineRun extends BaselineSettings {
  readonly input: TrainingInput
  readonly out: string
  /** Whether an artifact that is there is replaced. */
  readonly overwrite: boolean
  /** Whether leaks that are errors end the run. */
  readonly strictLeakage: boolean
}

export interface BaselineOutcome {
  readonly test: Evaluation
  readonly ks: readonly number[]
  readonly seconds: number
}

/**
 * The whole path of `train --baseline`: files → sessions → fitted baseline → test figures → artifact. It learns from all that was known before the targets of the test, as where it is measured
 * beside a model. Throws what `runTraining` throws of the place, and what `fit` throws.
 */
export async function runBaseline(run: BaselineRun, output: Output): Promise<BaselineOutcome> {
  await checkReplaceable(run.out)
  const folder = checkpointFolder(run.out)
  return withCheckpointLock(folder, () => fitInto(folder, run, output), { instead: 'another --out' })
}

async function fitInto(folder: string, run: BaselineRun, output: Output): Promise<BaselineOutcome> {
  const { baseline, input, out, train, overwrite } = run
  const started = performance.now()
  await checkPlace(folder, { out, overwrite, resume: false })
  const data = await loadTrainingData(input, output)
  checkPart('test', data)
  const { fitted: workflow, split, known, test: sessions } = data
  const leakage = await lookForLeaks(data, { input, strict: run.strictLeakage, now: Date.now() }, output)
  const { filterSeen = true } = train
  const ks = cutoffs(train.ks, workflow.schema.items - RESERVED)
  output.note(`fitting ${baseline.kind}`)
  const fitted = fitBaseline({ baseline, sessions: known, workflow })
  const test = await evaluateFitted(fitted, { split, known, test: sessions, ks, filterSeen })
  const training: BaselineRecord = {
    ...('learnFromAll' in input && input.learnFromAll && { learnFrom: 'all' }),
    ...(leakage && { leakage }),
    train,
  }
  await saveBaseline(
    out,
    { baseline, sessions: known, workflow, metrics: { test }, training },
    { createdAt: new Date() },
  )
  return { test, ks, seconds: (performance.now() - started) / 1000 }
}
