import { RESERVED } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { FeatureSchema, InputOptions } from '../inputs/index.ts'
import { fields, invalid, isRecord, parseJson, record, text, whole } from './json-checks.ts'

/** The version of the folder that this package writes, and the newest that it reads. */
export const FORMAT_VERSION = 5
/** From this version on a manifest may say what its training went on from. */
const FIRST_WITH_START = 5
/** From this version on a manifest holds a digest of itself. */
export const FIRST_WITH_DIGEST = 3

export const MANIFEST = 'manifest.json'
/** The files that the manifest lists. `true`: every artifact has it. */
export const artifactFiles = {
  'recommend.onnx': true,
  'weights.safetensors': true,
  'workflow.json': true,
  'new-items.onnx': false,
  'metrics.json': false,
  'history.jsonl': false,
  'training.json': false,
} as const

export type ArtifactFile = keyof typeof artifactFiles

/** A masking, block or head as data: what its constructor is called with. */
export interface PartDescription {
  readonly kind: string
  readonly options: Readonly<Record<string, number | string | boolean>>
}

/** All that a model is put together from, but its weights. */
export interface ModelDescription {
  readonly schema: FeatureSchema
  readonly inputs: InputOptions
  readonly maxLength: number
  readonly masking: PartDescription
  readonly block: PartDescription
  readonly heads: readonly PartDescription[]
}

export interface Manifest {
  readonly formatVersion: typeof FORMAT_VERSION
  /** Version of the package that wrote the folder. */
  readonly packageVersion: string
  /** ISO 8601, in UTC. */
  readonly createdAt: string
  readonly model: ModelDescription
  /** The digest of the artifact that the training went on from. */
  readonly startedFrom?: string
  /** Every other file of the folder. */
  readonly files: Readonly<Partial<Record<ArtifactFile, { readonly bytes: number; readonly sha256: string }>>>
  /** The numbers of the evaluation, for listings; `metrics.json` holds it whole. Empty where none was made. */
  readonly metrics: Readonly<Record<string, number>>
}

/** Larger manifests are not read. */
export const MANIFEST_LIMIT = 64 * 1024 * 1024
/** Larger files are not read. */
export const FILE_LIMIT = 8 * 1024 * 1024 * 1024

const FILE_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/
const MOST_CODES = 2 ** 31 - 1

/**
 * Reads a manifest. Every field is checked, and nothing in it is trusted to be a path; its digest of itself is for `verifiedManifest`.
 * Throws `ARTIFACT_TOO_NEW`, `PATH_ESCAPES`, or `ARTIFACT_INVALID` saying which field and why.
 */
export function decodeManifest(bytes: Uint8Array): Manifest {
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
  const names = ['formatVersion', 'packageVersion', 'createdAt', 'model', 'files', 'metrics']
  if (version >= FIRST_WITH_DIGEST) names.push('digest')
  const optional = version >= FIRST_WITH_START ? ['startedFrom'] : []
  const { packageVersion, createdAt, model, startedFrom, files, metrics } = fields(
    MANIFEST,
    json,
    names,
    optional,
  )
  return {
    formatVersion: FORMAT_VERSION,
    packageVersion: text(
      `${MANIFEST}: packageVersion`,
      packageVersion,
      /^\d+\.\d+\.\d+[\w.+-]{0,64}$/,
      'a version',
    ),
    createdAt: time(`${MANIFEST}: createdAt`, createdAt),
    model: modelDescription(`${MANIFEST}: model`, version === 1 ? withHeads(model) : model),
    ...(startedFrom !== undefined && { startedFrom: digest(`${MANIFEST}: startedFrom`, startedFrom) }),
    files: fileTable(`${MANIFEST}: files`, files),
    metrics: record(`${MANIFEST}: metrics`, metrics, (where, value) => {
      if (typeof value === 'number' && Number.isFinite(value)) return value
      throw invalid(where, 'a number', value)
    }),
  }
}

const digest = (where: string, value: unknown): string =>
  text(where, value, /^[0-9a-f]{64}$/, '64 hexadecimal digits')

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

function modelDescription(where: string, value: unknown): ModelDescription {
  const { schema, inputs, maxLength, ...parts } = fields(where, value, [
    'schema',
    'inputs',
    'maxLength',
    'masking',
    'block',
    'heads',
  ])
  const { items, categorical, continuous } = fields(`${where}.schema`, schema, [
    'items',
    'categorical',
    'continuous',
  ])
  return {
    schema: {
      items: whole(`${where}.schema.items`, items, RESERVED + 1, MOST_CODES),
      categorical: record(`${where}.schema.categorical`, categorical, (at, codes) =>
        whole(at, codes, RESERVED, MOST_CODES),
      ),
      continuous: names(`${where}.schema.continuous`, continuous),
    },
    // Its names and values are checked where the model is made of it.
    inputs: record(`${where}.inputs`, inputs, (_, value) => value),
    maxLength: whole(`${where}.maxLength`, maxLength, 1, 100_000),
    masking: part(`${where}.masking`, parts['masking']),
    block: part(`${where}.block`, parts['block']),
    heads: partList(`${where}.heads`, parts['heads']),
  }
}

/** Version 1 had one head and no options of inputs. */
const withHeads = (model: unknown): unknown => {
  if (!isRecord(model) || !('head' in model)) return model
  const { head, ...rest } = model
  return { inputs: {}, ...rest, heads: [head] }
}

const MOST_HEADS = 1000

function partList(where: string, value: unknown): readonly PartDescription[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_HEADS)
    throw invalid(where, 'a list of parts', value)
  return value.map((each: unknown, at) => part(`${where}[${at}]`, each))
}

function names(where: string, value: unknown): readonly string[] {
  const texts: unknown[] | undefined = Array.isArray(value) ? value : undefined
  if (texts?.every((each) => typeof each === 'string') === true && new Set(texts).size === texts.length)
    return texts
  throw invalid(where, 'a list of names, each once', value)
}

function part(where: string, value: unknown): PartDescription {
  const { kind, options } = fields(where, value, ['kind', 'options'])
  return {
    kind: text(`${where}.kind`, kind, /^[a-z0-9][a-z0-9-]{0,63}$/, 'the name of a part'),
    options: record(`${where}.options`, options, (at, option) => {
      if (typeof option === 'number' || typeof option === 'string' || typeof option === 'boolean')
        return option
      throw invalid(at, 'a number, text or boolean', option)
    }),
  }
}

function fileTable(where: string, value: unknown): Manifest['files'] {
  if (!isRecord(value)) throw invalid(where, 'an object', value)
  const entries = Object.entries(value).map(([name, entry]) => {
    if (!FILE_NAME.test(name)) {
      throw new EnsuiteError(
        'PATH_ESCAPES',
        `${where} names ${JSON.stringify(name.slice(0, 100))}, which is not the plain name of a file in the folder. Do not use this artifact: restore it from where it was saved.`,
      )
    }
    if (!Object.hasOwn(artifactFiles, name))
      throw invalid(`${where}['${name}']`, `one of ${Object.keys(artifactFiles).join(', ')}`, name)
    const { bytes, sha256 } = fields(`${where}['${name}']`, entry, ['bytes', 'sha256'])
    return [
      name,
      {
        bytes: whole(`${where}['${name}'].bytes`, bytes, 0, FILE_LIMIT),
        sha256: digest(`${where}['${name}'].sha256`, sha256),
      },
    ] as const
  })
  const missing = Object.entries(artifactFiles).find(
    ([name, needed]) => needed && !Object.hasOwn(value, name),
  )
  if (missing !== undefined) throw invalid(`${where}['${missing[0]}']`, 'a size and a digest', undefined)
  return Object.fromEntries(entries)
}
