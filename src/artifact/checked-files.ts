import { EnsuiteError } from '../errors.ts'
import type { Functions } from '../expressions/index.ts'
import { fittedWorkflowFromJson, type FittedWorkflow } from '../workflow/index.ts'
import { invalid, isRecord, parseJson } from './json-checks.ts'
import { type AnyManifest, MANIFEST } from './manifest.ts'
import { type Sha256, verifiedManifest } from './manifest-digest.ts'

/** The files of an artifact, by name. */
export type ArtifactFiles = ReadonlyMap<string, Uint8Array>

export interface FromFilesOptions {
  readonly sha256?: Sha256
  readonly functions?: Functions
}

/** Files that are those which the manifest says. */
export interface CheckedFiles {
  /** SHA-256 of the file of the manifest, which names the digest of each other file. */
  readonly digest: string
  /** Undefined for one that the manifest does not list. */
  readonly get: (name: string) => Uint8Array | undefined
  readonly workflow: () => FittedWorkflow
  /** The JSON object of a file that may be missing. */
  readonly object: (name: string) => Readonly<Record<string, unknown>> | undefined
}

/** The manifest of some files. Throws what `verifiedManifest` throws. */
export const manifestOf = (
  files: ArtifactFiles,
  { sha256 = webSha256 }: FromFilesOptions,
): Promise<AnyManifest> => verifiedManifest(present(files, MANIFEST), sha256)

/** Holds each file that the manifest lists against its size and digest. Throws `ARTIFACT_INVALID` saying which file and why. */
export async function checkedFiles(
  files: ArtifactFiles,
  manifest: AnyManifest,
  { sha256 = webSha256, functions }: FromFilesOptions,
): Promise<CheckedFiles> {
  const checked = new Map<string, Uint8Array>()
  for (const [name, { bytes, sha256: expected }] of Object.entries(manifest.files)) {
    const file = present(files, name)
    if (file.length !== bytes) throw altered(name, `it should have ${bytes} bytes and has ${file.length}`)
    const found = await sha256(file)
    if (found !== expected) throw altered(name, `its SHA-256 should be ${expected} and is ${found}`)
    checked.set(name, file)
  }
  return {
    digest: await sha256(present(files, MANIFEST)),
    get: (name) => checked.get(name),
    workflow: () =>
      fittedWorkflowFromJson(
        jsonObject('workflow.json', checked.get('workflow.json')!),
        functions && { functions },
      ),
    object: (name) => {
      const file = checked.get(name)
      return file && jsonObject(name, file)
    },
  }
}

/** By the Web Crypto API, which browsers have on secure pages (https, localhost) only. */
async function webSha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function present(files: ArtifactFiles, name: string): Uint8Array {
  const file = files.get(name)
  if (file === undefined) throw altered(name, 'it is missing')
  return file
}

/** The error for a file that is not what was saved. */
export function altered(name: string, why: string): EnsuiteError {
  return new EnsuiteError(
    'ARTIFACT_INVALID',
    `File '${name}' of the artifact is not what was saved: ${why}. Restore the folder from where it was saved, or train again.`,
  )
}

/** The JSON object that some bytes are. Throws `ARTIFACT_INVALID`. */
export function jsonObject(where: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const value = parseJson(bytes)
  if (!isRecord(value)) throw invalid(where, 'a JSON object', value ?? 'something else')
  return value
}
