import { createHash, type Hash } from 'node:crypto'
import { decodeSafetensors, encodeSafetensors, type TensorFile } from '../artifact/index.ts'

/** The text of the file that holds the digest of everything else in it. */
const DIGEST = 'sha256'

/** One call of `update` takes at most 2³¹ − 1 bytes. */
const CHUNK = 64 * 1024 * 1024

/** The bytes of a safetensors file that tells when a byte of it was changed. */
export const encodeDigested = ({ tensors, metadata }: TensorFile): Uint8Array =>
  encodeSafetensors({ tensors, metadata: { ...metadata, [DIGEST]: digestOf({ tensors, metadata }) } })

/** Reads what `encodeDigested` wrote. Throws `ARTIFACT_INVALID`, or an `Error` where the content is another one; `where` names the file. */
export function decodeDigested(bytes: Uint8Array, where: string): TensorFile {
  // A plain view: the `slice` of Node's own buffers copies nothing, and the tensors would be views of the whole file.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { tensors, metadata: texts } = decodeSafetensors(plain, where)
  const { [DIGEST]: digest, ...metadata } = texts
  // Checkpoints that were written before there were digests have one text: one whose name of the digest was damaged has more.
  const isFormer = digest === undefined && Object.keys(metadata).length <= 1
  if (!isFormer && digest !== digestOf({ tensors, metadata }))
    throw new Error('Its content is not what was written.')
  return { tensors, metadata }
}

/** SHA-256 of texts, names, shapes and values. */
function digestOf({ tensors, metadata }: TensorFile): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify(metadata))
  for (const name of Object.keys(tensors).sort()) {
    const { shape, data } = tensors[name]!
    hash.update(JSON.stringify([name, shape]))
    addBytes(hash, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return hash.digest('hex')
}

function addBytes(hash: Hash, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += CHUNK) hash.update(bytes.subarray(at, at + CHUNK))
}
