import { createHash } from 'node:crypto'
import { digestSessions, type Sessions, type SessionSource } from '../data/index.ts'
import type { Model } from '../model.ts'

/**
 * What a run was asked for, as text: parts, options, and a digest of the data, what is trained on and what validates.
 * Two runs with one text go the same way.
 */
export function fingerprint(
  model: Model,
  data: readonly (Sessions | SessionSource)[],
  options: object,
): string {
  const digest = createHash('sha256')
  for (const each of data) digestSessions(digest, each, { times: model.batchRules.times })
  const { schema, inputs, masking, block, heads, maxLength, startedFrom } = model
  const part = ({ kind, options: own }: { readonly kind: string; readonly options: object }): object => ({
    kind,
    ...own,
  })
  return JSON.stringify({
    schema,
    inputs,
    masking: part(masking),
    block: { ...part(block), ...(block.weights && { weights: weightsDigest(block.weights) }) },
    heads: heads.map(part),
    maxLength,
    ...(startedFrom !== undefined && { warmStart: startedFrom.slice(0, 16) }),
    ...options,
    data: digest.digest('hex').slice(0, 16),
  })
}

/** Of what a block starts from: the folder may hold something else when the run goes on. */
function weightsDigest({ tensors }: NonNullable<Model['block']['weights']>): string {
  const digest = createHash('sha256')
  for (const name of Object.keys(tensors).sort()) {
    const { data } = tensors[name]!
    digest.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return digest.digest('hex').slice(0, 16)
}
