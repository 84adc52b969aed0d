import type { Kernels } from '../kernels/index.ts'
import { initialise, type Parameter } from '../nn/index.ts'
import { createRandom } from '../random.ts'

/** The memory of one parameter: four views of one length. */
export interface Slot {
  readonly parameter: Parameter
  readonly values: Float32Array
  /** Empty for tables that are updated by rows, and for what is not trained. */
  readonly gradients: Float32Array
  /** Empty for what is not trained. */
  readonly firstMoment: Float32Array
  readonly secondMoment: Float32Array
}

/** A stretch of the flat vectors that one call of the optimizer updates. */
export interface Stretch {
  readonly decay: boolean
  readonly values: Float32Array
  readonly gradients: Float32Array
  readonly firstMoment: Float32Array
  readonly secondMoment: Float32Array
}

/** All parameters and their moments, flat, in kernel memory. */
export interface ParameterStore {
  readonly slots: readonly Slot[]
  /** What is updated as a whole: decayed, then not decayed. */
  readonly stretches: readonly Stretch[]
  /** Every dense gradient, for the norm and for clearing. */
  readonly gradients: Float32Array
}

const sizeOf = (parameter: Parameter): number => parameter.shape.reduce((all, dim) => all * dim, 1)
const total = (parameters: readonly Parameter[]): number =>
  parameters.reduce((all, each) => all + sizeOf(each), 0)

/** Bytes that a store of these parameters takes. */
export function storeBytes(parameters: readonly Parameter[]): number {
  const trained = parameters.filter((each) => each.trainable)
  const dense = trained.filter((each) => each.update === 'dense')
  const frozen = parameters.length - trained.length
  return 4 * (2 * total(trained) + total(parameters) + total(dense)) + 64 * (16 + frozen)
}

/** Lays the parameters out and gives them their starting values, `given` (all, or the first rows) or drawn. The same seed gives the same bytes. */
export function createParameterStore(
  kernels: Kernels,
  parameters: readonly Parameter[],
  seed: number,
  given: Readonly<Record<string, Float32Array>> = {},
): ParameterStore {
  const trained = parameters.filter((each) => each.trainable)
  const dense = trained.filter((each) => each.update === 'dense')
  const groups = [
    dense.filter((each) => each.decay),
    dense.filter((each) => !each.decay),
    trained.filter((each) => each.update === 'rows'),
  ]
  const ordered = groups.flat()
  const [values, firstMoment, secondMoment] = [0, 0, 0].map(() => kernels.float32(total(ordered))) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  const gradients = kernels.float32(total(dense))
  // Written once though they are 0: memory is given page by page at the first write, and a table updated by rows would pay
  // for it in its first hundreds of steps (twice the time of a step at a million items), or run out of it in one of them.
  for (const moments of [firstMoment, secondMoment]) kernels.fill(moments, 0)
  const cut = (from: number, to: number): Omit<Stretch, 'decay'> => ({
    values: values.subarray(from, to),
    gradients: gradients.subarray(Math.min(from, gradients.length), Math.min(to, gradients.length)),
    firstMoment: firstMoment.subarray(from, to),
    secondMoment: secondMoment.subarray(from, to),
  })
  const slots = new Map<Parameter, Slot>()
  let start = 0
  for (const parameter of ordered) {
    slots.set(parameter, { parameter, ...cut(start, start + sizeOf(parameter)) })
    start += sizeOf(parameter)
  }
  const none = new Float32Array(0)
  for (const parameter of parameters) {
    if (parameter.trainable) continue
    const own = kernels.float32(sizeOf(parameter))
    slots.set(parameter, { parameter, values: own, gradients: none, firstMoment: none, secondMoment: none })
  }
  const decayed = total(groups[0]!)
  const store = {
    slots: parameters.map((parameter) => slots.get(parameter)!),
    stretches: [
      { decay: true, ...cut(0, decayed) },
      { decay: false, ...cut(decayed, gradients.length) },
    ].filter((stretch) => stretch.values.length > 0),
    gradients,
  }
  // One stream a parameter, so that adding one leaves the starting values of the others as they were.
  for (const [at, { parameter, values: own }] of store.slots.entries()) {
    const start = given[parameter.name]
    // Of codes that are new, rows are drawn.
    if (start === undefined || start.length < own.length)
      initialise(own, parameter.shape, parameter.initializer, createRandom(seed, at))
    if (start !== undefined) own.set(start)
  }
  return store
}
