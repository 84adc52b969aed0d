import { baselineKinds, baselineOfKind, type Baseline, type FittedBaseline } from '../baselines/index.ts'
import { RESERVED } from '../codes.ts'
import type { Sessions } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import { checkGiven } from '../options.ts'
import type { FittedWorkflow } from '../workflow/index.ts'
import { modelFromFiles, type Artifact } from './artifact.ts'
import { checkedFiles, manifestOf, type ArtifactFiles, type FromFilesOptions } from './checked-files.ts'
import type { BaselineManifest } from './manifest.ts'
import type { PartDescription } from './model-description.ts'
import { decodeSessions } from './sessions-file.ts'

/** A baseline as files: what it is, and what it learnt from. */
export interface SavedBaseline {
  readonly manifest: BaselineManifest
  /** SHA-256 of the file of the manifest, which names the digest of each other file. */
  readonly digest: string
  readonly workflow: FittedWorkflow
  /** It has learnt nothing yet: see `fitBaseline`. */
  readonly baseline: Baseline
  /** What it learnt from, without features and ids. */
  readonly sessions: Sessions
  /** The evaluation as it was saved. */
  readonly metrics?: Readonly<Record<string, unknown>>
  /** How it was made, as it was saved. */
  readonly training?: Readonly<Record<string, unknown>>
}

/** The artifact of a model or of a baseline: `'baseline' in artifact` tells. */
export type AnyArtifact = Artifact | SavedBaseline

/**
 * The artifact of a model or of a baseline that these files are, by name.
 * Throws `ARTIFACT_TOO_NEW`, `PATH_ESCAPES`, or `ARTIFACT_INVALID` saying which file and why.
 */
export async function anyArtifactFromFiles(
  files: ArtifactFiles,
  options: FromFilesOptions = {},
): Promise<AnyArtifact> {
  const manifest = await manifestOf(files, options)
  return 'baseline' in manifest
    ? savedBaseline(files, manifest, options)
    : modelFromFiles(files, manifest, options)
}

/** The artifact of a baseline that these files are, by name. Throws what `anyArtifactFromFiles` throws, and `OPTION_INVALID` for that of a model. */
export async function baselineFromFiles(
  files: ArtifactFiles,
  options: FromFilesOptions = {},
): Promise<SavedBaseline> {
  const manifest = await manifestOf(files, options)
  if ('baseline' in manifest) return savedBaseline(files, manifest, options)
  throw new EnsuiteError(
    'OPTION_INVALID',
    'This is the artifact of a model, and that of a baseline is needed here. readArtifact reads this one.',
  )
}

/** Fits a baseline on what it learnt from: the one that was measured, to the bit. It takes what fitting takes. Throws `OPTION_INVALID`. */
export function fitBaseline(
  saved: Pick<SavedBaseline, 'baseline' | 'sessions' | 'workflow'>,
): FittedBaseline {
  checkGiven('fitBaseline', saved, {
    what: 'what readBaseline gives, { baseline, sessions, workflow }',
    isGood: ['baseline', 'sessions', 'workflow'].every((part) => part in (Object(saved) as object)),
  })
  const { baseline, sessions, workflow } = saved
  return baseline.fit(sessions, { items: workflow.schema.items - RESERVED })
}

async function savedBaseline(
  files: ArtifactFiles,
  manifest: BaselineManifest,
  options: FromFilesOptions,
): Promise<SavedBaseline> {
  const checked = await checkedFiles(files, manifest, options)
  const workflow = checked.workflow()
  const metrics = checked.object('metrics.json')
  const training = checked.object('training.json')
  return {
    manifest,
    digest: checked.digest,
    workflow,
    baseline: described(manifest.baseline),
    sessions: decodeSessions(checked.get('sessions.safetensors')!, { codes: workflow.schema.items }),
    ...(metrics && { metrics }),
    ...(training && { training }),
  }
}

/** The baseline that was described. Throws `ARTIFACT_INVALID` for one that is not known or cannot have these options. */
function described({ kind, options }: PartDescription): Baseline {
  if (!(baselineKinds as readonly string[]).includes(kind))
    throw new EnsuiteError(
      'ARTIFACT_INVALID',
      `manifest.json names the baseline '${kind}', which this version does not have. It has: ${baselineKinds.join(', ')}. Update the package.`,
    )
  try {
    return baselineOfKind(kind, options)
  } catch (cause) {
    throw new EnsuiteError(
      'ARTIFACT_INVALID',
      `manifest.json describes a baseline that cannot be made: ${(cause as Error).message}`,
      { cause },
    )
  }
}
