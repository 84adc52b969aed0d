import { createHash } from 'node:crypto'
import { digestSessions, type Sessions, type SessionSource } from '../data/index.ts'
import type { Model } from '../model.ts'
import { givenParameters } from '../model/given-parameters.ts'

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
  const { schema, inputs, masking, block, heads, maxLength, startedFrom, pretrained } = model
  const given = givenParameters(inputs).filter((name) => Object.hasOwn(pretrained, name))
  const part = ({ kind, options: own }: { readonly kind: string; readonly options: object }): object => ({
    kind,
    ...own,
  })
  return JSON.stringify({
    schema,
    inputs,
    masking: part(masking),
    block: { ...part(block), ...(block.weights && { weights: digestOf(tensorsOf(block.weights)) }) },
    heads: heads.map(part),
    maxLength,
    ...(startedFrom !== undefined && { warmStart: startedFrom.slice(0, 16) }),
    ...(given.length > 0 && { given: digestOf(given.map((name) => [name, pretrained[name]!])) }),
    ...options,
    data: digest.digest('hex').slice(0, 16),
  })
}

type Named = readonly (readonly [name: string, data: Float32Array])[]

const tensorsOf = ({ tensors }: NonNullable<Model['block']['weights']>): Named =>
  Object.keys(tensors)
    .sort()
    .map((name) => [name, tensors[name]!.data])

/** Of what a model starts from: the folder of a block, or what gives vectors and content, may hold something else when the run goes on. */
function digestOf(values: Named): string {
  const digest = createHash('sha256')
  for (const [name, data] of values)
    digest.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  return digest.digest('hex').slice(0, 16)
}
