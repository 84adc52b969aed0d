import { createHash } from 'node:crypto'
import { EnsuiteError } from '../errors.ts'
import { digestedBytes } from '../json-digest.ts'
import { checkOptions, checkNumber } from '../options.ts'
import type { DefinitionJson } from './definition-json.ts'
import type { FeatureType } from './feature-types.ts'
import type { Lengths } from './feature-schema.ts'
import type { ModelInputs } from './model-inputs.ts'
import { checkFiles, type PreparedFile } from './prepared-files.ts'

/** The file beside the sessions that says what is in the folder, and that it may be replaced. */
export const MANIFEST = 'prepared.json'
/** The version that this package writes, and the only one that it reads. */
const VERSION = 2

/** What is in a prepared folder. */
export interface PreparedManifest {
  readonly definition: DefinitionJson
  /** What the columns of the features hold, for other readers. */
  readonly features: Readonly<Record<string, FeatureType>>
  /** What a model needs to know of the features, so that it needs no vocabularies. */
  readonly schema: ModelInputs
  readonly sessions: number
  readonly events: number
  readonly lengths: Lengths
  /** Every other file, those of sessions in the order of their windows. */
  readonly files: readonly PreparedFile[]
}

/** The text of `prepared.json`: the manifest, and a digest of it last. */
export function encodeManifest(manifest: PreparedManifest): string {
  const versioned = { version: VERSION, ...manifest }
  return `${JSON.stringify({ ...versioned, digest: digestOf(versioned) }, null, 2)}\n`
}

/**
 * The manifest that `encodeManifest` wrote, `where` it was. Every field is checked but the definition, which is checked where it is used.
 * Throws `ARTIFACT_TOO_NEW`, `PATH_ESCAPES`, or `ARTIFACT_INVALID` saying what is wrong.
 */
export function decodeManifest(text: string, where: string): PreparedManifest {
  try {
    const { version, digest, ...manifest } = JSON.parse(text) as PreparedManifest & {
      readonly version: unknown
      readonly digest: unknown
    }
    checkVersion(version)
    if (digest !== digestOf({ version, ...manifest })) throw new Error('it was changed after it was written')
    const names = ['definition', 'features', 'schema', 'sessions', 'events', 'lengths', 'files']
    checkOptions(MANIFEST, manifest, names)
    for (const count of ['sessions', 'events'] as const)
      checkNumber(count, manifest[count], { integer: true, min: 1, max: Number.MAX_SAFE_INTEGER })
    checkSchema(manifest.schema)
    checkFiles(manifest.files)
    return manifest
  } catch (cause) {
    if (cause instanceof EnsuiteError && /^(ARTIFACT_TOO_NEW|PATH)/.test(cause.code))
      throw new EnsuiteError(cause.code, `${where}: ${cause.message}`, { cause })
    throw new EnsuiteError(
      'ARTIFACT_INVALID',
      `${where} is not what prepare wrote: ${(cause as Error).message}${/[.?!]$/.test((cause as Error).message) ? '' : '.'} Copy the folder again from where it was prepared, or prepare it again.`,
      { cause },
    )
  }
}

const digestOf = (manifest: object): string =>
  createHash('sha256').update(digestedBytes(manifest)).digest('hex')

/** Of all that is in a prepared folder. */
export const manifestDigest = (manifest: PreparedManifest): string => digestOf(manifest)

function checkVersion(version: unknown): void {
  checkNumber('version', version as number, { integer: true, min: 1 })
  if ((version as number) > VERSION)
    throw new EnsuiteError(
      'ARTIFACT_TOO_NEW',
      `The folder has version ${version as number}, this package reads version ${VERSION}. Update the package.`,
    )
  if ((version as number) < VERSION)
    throw new Error(`it has version ${version as number}, and version ${VERSION} is read`)
}

function checkSchema(schema: ModelInputs): void {
  checkOptions('schema', schema, ['items', 'categorical', 'continuous'])
  const sizes: unknown = schema.categorical
  if (typeof sizes !== 'object' || sizes === null || !Array.isArray(schema.continuous))
    throw new Error('its schema lists no features')
  for (const size of [schema.items, ...Object.values(schema.categorical)])
    checkNumber('schema: codes', size, { integer: true, min: 0, max: 2 ** 31 - 1 })
  if (!schema.continuous.every((name: unknown) => typeof name === 'string'))
    throw new Error('its schema has a feature without a name')
}
