import { isDeepStrictEqual } from 'node:util'
import type { AnyArtifact } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import { readRun } from '../runs/index.ts'

/**
 * Throws `RUN_INVALID` unless a run folder holds the run that trained an artifact, and it has ended. An artifact that `ensuite train` saved names the digest of its run; of one that was saved from code the model
 * must be the run's.
 */
export async function checkRunOf(
  opened: AnyArtifact,
  { artifact, run: folder }: { readonly artifact: string; readonly run: string },
): Promise<void> {
  const { run } = await readRun(folder)
  if ('baseline' in opened)
    throw another(folder, `trained a model, and ${artifact} is the baseline ${opened.baseline.kind}`)
  if (run.status === 'running')
    throw new EnsuiteError(
      'RUN_INVALID',
      `${folder} holds the run '${run.name}', which is running still, or was killed: its figures are of its end. Wait for it, or go on with it by --resume.`,
    )
  const digest = opened.training?.['run']
  if (digest === undefined ? isDeepStrictEqual(run.model, opened.manifest.model) : digest === run.digest)
    return
  throw another(folder, `did not train ${artifact}`)
}

const another = (folder: string, how: string): EnsuiteError =>
  new EnsuiteError(
    'RUN_INVALID',
    `${folder} holds a run that ${how}. Name the run folder that the artifact was trained with, or leave --run out.`,
  )
