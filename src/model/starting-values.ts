import type { StartingTensor } from '../blocks/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { Parameter } from '../nn/index.ts'
import type { Parts } from './parts.ts'

/**
 * The starting values of the parameters of a block that brings them, by parameter name; a second block of the masking starts from the same. None where the block brings none.
 * Throws `OPTION_INVALID` for a `maxLength` whose places its table of positions does not have, `SHAPE_MISMATCH` for other weights than the block's.
 */
export function startingValues(
  { block, masking, maxLength, places }: Parts,
  parameters: readonly Parameter[],
): Readonly<Record<string, Float32Array>> {
  if (block.weights === undefined) return {}
  const prefixes = [
    '',
    ...(masking.auxiliary?.ownBlock === undefined ? [] : [`${masking.auxiliary.ownBlock}.`]),
  ]
  const entries = Object.entries(block.weights.tensors).flatMap(([name, tensor]) =>
    prefixes.map((prefix) => {
      const parameter = parameters.find((each) => each.name === `${prefix}${name}`)
      const beyond = places - maxLength
      if (parameter !== undefined) return [parameter.name, valuesFor(parameter, tensor, beyond)] as const
      throw new EnsuiteError(
        'SHAPE_MISMATCH',
        `Block '${block.kind}' brings weights for '${name}', and has no such parameter. Give it those that it has.`,
      )
    }),
  )
  return Object.fromEntries(entries)
}

/** The whole tensor, or the rows of the places that there are. `beyond`: how many more there are than the longest session has events. */
function valuesFor({ name, shape }: Parameter, tensor: StartingTensor, beyond: number): Float32Array {
  const { firstPlace, data } = tensor
  const comparable = (of: readonly number[]): string => (firstPlace === undefined ? of : of.slice(1)).join()
  if (comparable(shape) !== comparable(tensor.shape))
    throw new EnsuiteError(
      'SHAPE_MISMATCH',
      `Parameter '${name}' has the shape [${shape.join(', ')}], and the block brings [${tensor.shape.join(', ')}] for it. Give it the weights that belong to its options.`,
    )
  if (firstPlace === undefined) return data
  const [needed, there] = [shape[0]! - firstPlace, tensor.shape[0]! - firstPlace]
  if (there < needed) {
    const most = there - beyond
    throw new EnsuiteError(
      'OPTION_INVALID',
      `model: maxLength ${needed - beyond} needs ${needed} places, and '${name}' of the block's weights has ${there}. ${most < 1 ? 'Choose other weights' : `Choose a maxLength of at most ${most}`}.`,
    )
  }
  return data.subarray(
    0,
    shape.reduce((all, dim) => all * dim, 1),
  )
}
