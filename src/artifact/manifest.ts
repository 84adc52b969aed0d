import { EnsuiteError } from '../errors.ts'
import { type FileTable, fileTable } from './file-table.ts'
import { digest, fields, invalid, isRecord, parseJson, record, text, whole } from './json-checks.ts'
import { modelDescription, part, withHeads } from './model-description.ts'
import type { ModelDescription, PartDescription } from './model-description.ts'

/** The version of the folder that this package writes, and the newest that it reads. */
export const FORMAT_VERSION = 6
/** From this version on it may be of a baseline. */
const FIRST_WITH_BASELINE = 6
/** From this version on a manifest may say what its training went on from. */
const FIRST_WITH_START = 5
/** From this version on a manifest holds a digest of itself. */
export const FIRST_WITH_DIGEST = 3

export const MANIFEST = 'manifest.json'
/** The files that the manifest of a model lists. `true`: every artifact of one has it. */
export const artifactFiles = {
  'recommend.onnx': true,
  'weights.safetensors': true,
  'workflow.json': true,
  'new-items.onnx': false,
  'metrics.json': false,
  'history.jsonl': false,
  'training.json': false,
} as const
/** The same of a baseline. */
export const baselineFiles = {
  'sessions.safetensors': true,
  'workflow.json': true,
  'metrics.json': false,
  'training.json': false,
} as const

export type ArtifactFile = keyof typeof artifactFiles
export type BaselineFile = keyof typeof baselineFiles

interface ManifestOf<File extends string> {
  readonly formatVersion: typeof FORMAT_VERSION
  /** Version of the package that wrote the folder. */
  readonly packageVersion: string
  /** ISO 8601, in UTC. */
  readonly createdAt: string
  /** Every other file of the folder. */
  readonly files: FileTable<File>
  /** The numbers of the evaluation, for listings; `metrics.json` holds it whole. Empty where none was made. */
  readonly metrics: Readonly<Record<string, number>>
}

/** That of a model. */
export interface Manifest extends ManifestOf<ArtifactFile> {
  readonly model: ModelDescription
  /** The digest of the artifact that the training went on from. */
  readonly startedFrom?: string
}

/** That of a baseline. */
export interface BaselineManifest extends ManifestOf<BaselineFile> {
  readonly baseline: PartDescription
}

/** Told apart by what it describes. */
export type AnyManifest = Manifest | BaselineManifest

/** Larger manifests are not read. */
export const MANIFEST_LIMIT = 64 * 1024 * 1024

/**
 * Reads a manifest. Every field is checked, and nothing in it is trusted to be a path; its digest of itself is for `verifiedManifest`.
 * Throws `ARTIFACT_TOO_NEW`, `PATH_ESCAPES`, or `ARTIFACT_INVALID` saying which field and why.
 */
export function decodeManifest(bytes: Uint8Array): AnyManifest {
  const json = parseJson(bytes)
  if (!isRecord(json)) throw invalid(MANIFEST, 'a JSON object', json ?? 'something else')
  // Before all else: what a newer version means by the other fields is not known here.
  const version = whole(`${MANIFEST}: formatVersion`, json['formatVersion'], 1, Number.MAX_SAFE_INTEGER)
  if (version > FORMAT_VERSION) {
    throw new EnsuiteError(
      'ARTIFACT_TOO_NEW',
      `The artifact has format version ${version}, this package reads up to ${FORMAT_VERSION}. Update the package.`,
    )
  }
  const isBaseline = version >= FIRST_WITH_BASELINE && Object.hasOwn(json, 'baseline')
  const names = ['formatVersion', 'packageVersion', 'createdAt', isBaseline ? 'baseline' : 'model']
  names.push('files', 'metrics', ...(version >= FIRST_WITH_DIGEST ? ['digest'] : []))
  const optional = version >= FIRST_WITH_START && !isBaseline ? ['startedFrom'] : []
  const { model, baseline, startedFrom, files, ...own } = fields(MANIFEST, json, names, optional)
  const shared = sharedFields(own)
  if (isBaseline)
    return {
      ...shared,
      baseline: part(`${MANIFEST}: baseline`, baseline),
      files: fileTable(`${MANIFEST}: files`, files, baselineFiles),
    }
  return {
    ...shared,
    model: modelDescription(`${MANIFEST}: model`, version === 1 ? withHeads(model) : model),
    ...(startedFrom !== undefined && { startedFrom: digest(`${MANIFEST}: startedFrom`, startedFrom) }),
    files: fileTable(`${MANIFEST}: files`, files, artifactFiles),
  }
}

function sharedFields({
  packageVersion,
  createdAt,
  metrics,
}: Readonly<Record<string, unknown>>): Omit<ManifestOf<never>, 'files'> {
  return {
    formatVersion: FORMAT_VERSION,
    packageVersion: text(
      `${MANIFEST}: packageVersion`,
      packageVersion,
      /^\d+\.\d+\.\d+[\w.+-]{0,64}$/,
      'a version',
    ),
    createdAt: time(`${MANIFEST}: createdAt`, createdAt),
    metrics: record(`${MANIFEST}: metrics`, metrics, (where, value) => {
      if (typeof value === 'number' && Number.isFinite(value)) return value
      throw invalid(where, 'a number', value)
    }),
  }
}

function time(where: string, value: unknown): string {
  const found = text(
    where,
    value,
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
    'a time such as 2026-01-31T12:00:00.000Z',
  )
  if (Number.isNaN(Date.parse(found))) throw invalid(where, 'a time that exists', value)
  return found
}
