import { EnsuiteError } from '../errors.ts'
import { digestedBytes } from '../json-digest.ts'
import { jsonBytes, parseJson } from './json-checks.ts'
import { type AnyManifest, decodeManifest, FIRST_WITH_DIGEST, MANIFEST } from './manifest.ts'

/** Digest of some bytes, as 64 hexadecimal digits. */
export type Sha256 = (bytes: Uint8Array) => string | Promise<string>

/** The bytes of a manifest, with a digest of it last. */
export function encodeManifest(manifest: AnyManifest, sha256: (bytes: Uint8Array) => string): Uint8Array {
  return jsonBytes('manifest', { ...manifest, digest: sha256(digestedBytes(manifest)) }, 2)
}

/**
 * The manifest that was written. Those of format versions 1 and 2 hold no digest of themselves, and are taken as they are.
 * Throws what `decodeManifest` throws, and `ARTIFACT_INVALID` where a value was changed.
 */
export async function verifiedManifest(bytes: Uint8Array, sha256: Sha256): Promise<AnyManifest> {
  const manifest = decodeManifest(bytes)
  const json = parseJson(bytes) as Readonly<Record<'formatVersion' | 'digest', unknown>>
  if ((json.formatVersion as number) < FIRST_WITH_DIGEST) return manifest
  const written = digested(json)
  if (written !== undefined && (await sha256(written)) === json.digest) return manifest
  throw new EnsuiteError(
    'ARTIFACT_INVALID',
    `${MANIFEST} was changed after it was written: the digest that it holds of itself is of other values. Restore the folder from where it was saved, or train again.`,
  )
}

/** Nothing where a stranger nested values deeper than can be written. */
function digested(json: object): Uint8Array | undefined {
  try {
    return digestedBytes(json)
  } catch {
    return undefined
  }
}
