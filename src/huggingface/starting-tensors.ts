import { input } from '../graph/index.ts'
import type { Block, BlockContext, StartingTensor } from '../blocks/index.ts'
import type { MaskingKind } from '../masking/index.ts'
import { rootScope, type Parameter } from '../nn/index.ts'
import type { Architecture } from './architectures.ts'
import { readTensors, type StoredTensor } from './checkpoint-files.ts'
import { decodedDtypes, decodeValues } from './decode-values.ts'
import { someOf, unfit } from './refusals.ts'
import { settingsOf, type Config } from './settings.ts'

interface Of {
  readonly block: Block<MaskingKind>
  readonly architecture: Architecture
  readonly config: Config
}

/**
 * What a block starts from, by the names of its parameters, read from these tensors of a folder. Every tensor must be one of the block's or known to be none of its.
 * Throws `PRETRAINED_INVALID`, and what reading the files throws.
 */
export async function startingTensors(
  folder: string,
  stored: ReadonlyMap<string, StoredTensor>,
  of: Of,
): Promise<Readonly<Record<string, StartingTensor>>> {
  const { architecture } = of
  const parameters = parametersOf(of)
  const found = byOwnName(stored, architecture)
  checkNames(parameters, found, architecture)
  for (const parameter of parameters) checkTensor(parameter, found.get(parameter.name)!, architecture)
  const wanted = new Map(parameters.map(({ name }) => [name, found.get(name)!]))
  const read = new Map<string, Float32Array>()
  await readTensors(folder, wanted, (name, bytes) => {
    const values = decodeValues(wanted.get(name)!.dtype, bytes)!
    if (!areFinite(values)) throw unfit(`Tensor '${name}' has numbers that are not finite.`)
    read.set(name, values)
  })
  const entries = parameters.map(
    (parameter) =>
      [parameter.name, startingTensor(parameter, read.get(parameter.name)!, architecture)] as const,
  )
  return Object.freeze(Object.fromEntries(entries))
}

/** What the block declares, with as many places as the checkpoint says that it has. */
function parametersOf({ block, architecture: { positions }, config }: Of): readonly Parameter[] {
  const rows = positions && settingsOf(config).whole(positions.setting, positions.otherwise)
  const places = positions === undefined ? 1 : rows! - positions.firstPlace
  if (places < 1) throw unfit(`config.json sets '${positions!.setting}' to ${rows!}, which leaves no place.`)
  const scope = rootScope('evaluate')
  const grid = (name: string) => input(name, 'int32', ['batch', 'time'])
  const context: BlockContext = {
    masking: block.supports[0]!,
    attentionBias: input('bias', 'float32', ['batch', 1, 'time', 'time']),
    segments: grid('segments'),
    positions: grid('positions'),
    maxLength: places,
  }
  try {
    block.build(scope, input('x', 'float32', ['batch', 'time', block.inputWidth ?? block.width]), context)
  } catch (cause) {
    throw unfit(`config.json describes a block that there is not: ${(cause as Error).message}`, cause)
  }
  return scope.parameters
}

/** Tensors under the names of the model without a head; norms of old checkpoints have names of their own. */
function byOwnName(
  stored: ReadonlyMap<string, StoredTensor>,
  { prefix }: Architecture,
): ReadonlyMap<string, StoredTensor> {
  const found = new Map<string, StoredTensor>()
  for (const [full, tensor] of stored) {
    const bare = full.startsWith(`${prefix}.`) ? full.slice(prefix.length + 1) : full
    const name = bare.replace(/\.gamma$/, '.weight').replace(/\.beta$/, '.bias')
    if (found.has(name)) throw unfit(`The checkpoint has two tensors for '${name}', one of them '${full}'.`)
    found.set(name, tensor)
  }
  return found
}

function checkNames(
  parameters: readonly Parameter[],
  found: ReadonlyMap<string, StoredTensor>,
  { kind, ignored }: Architecture,
): void {
  const names = new Set(parameters.map(({ name }) => name))
  const missing = [...names].filter((name) => !found.has(name))
  if (missing.length > 0)
    throw unfit(
      `The checkpoint lacks tensors of block '${kind}' as config.json describes it: ${someOf(missing)}.`,
    )
  const leftOver = [...found.keys()].filter(
    (name) => !names.has(name) && !ignored.some((pattern) => pattern.test(name)),
  )
  if (leftOver.length > 0)
    throw unfit(
      `The checkpoint holds tensors that block '${kind}' does not have, so that it computes something else: ${someOf(leftOver)}.`,
    )
}

function checkTensor({ name, shape }: Parameter, tensor: StoredTensor, { firstRowOf }: Architecture): void {
  const comparable = (of: readonly number[]): string =>
    (name === firstRowOf && of.length === shape.length && of[0]! > 0 ? of.slice(1) : of).join()
  if (comparable(tensor.shape) !== comparable(shape))
    throw unfit(
      `Tensor '${name}' has the shape [${tensor.shape.join(', ')}], and config.json describes [${shape.join(', ')}].`,
    )
  if (!decodedDtypes.includes(tensor.dtype))
    throw unfit(
      `Tensor '${name}' has values of type ${tensor.dtype}. Weights of these types are read: ${decodedDtypes.join(', ')}.`,
    )
}

/** The values of a parameter: of a table of which one row is read, as many rows as the block has. */
function startingTensor(
  { name, shape }: Parameter,
  values: Float32Array,
  { positions, firstRowOf }: Architecture,
): StartingTensor {
  if (name === positions?.name) return { shape, data: values, firstPlace: positions.firstPlace }
  if (name !== firstRowOf) return { shape, data: values }
  const data = new Float32Array(shape.reduce((all, dim) => all * dim, 1))
  data.set(values.subarray(0, data.length))
  return { shape, data }
}

/** A loop: calling a function for a hundred million numbers takes longer than reading them. */
function areFinite(values: Float32Array): boolean {
  for (let at = 0; at < values.length; at++) if (!Number.isFinite(values[at])) return false
  return true
}
