import type { Kernels } from '../kernels/index.ts'
import { initialise, type Parameter } from '../nn/index.ts'
import { createRandom } from '../random.ts'
import { keyOf, type Update, type UpdatePlan } from './update-plan.ts'

/** The memory of one parameter. */
export interface Slot {
  readonly parameter: Parameter
  /** Undefined for what is not trained. */
  readonly update: Update | undefined
  readonly values: Float32Array
  /** Empty for tables that are updated by rows, and for what is not trained. */
  readonly gradients: Float32Array
  /** What the optimizer holds of it, by name: as long as the values, or a number a row. None for what is not trained. */
  readonly states: Readonly<Record<string, Float32Array>>
  /** The average of the values, where one is held. */
  readonly average?: Float32Array
}

/** A stretch of the flat vectors that one call of a kernel updates. */
export interface Stretch {
  readonly update: Update
  readonly parameters: Float32Array
  readonly gradients: Float32Array
  /** In the order of the rule's. */
  readonly states: readonly Float32Array[]
  readonly width: number
}

/** All parameters and what the optimizer holds of them, flat, in kernel memory. */
export interface ParameterStore {
  readonly slots: readonly Slot[]
  /** What is updated as a whole: decayed, then not decayed. */
  readonly stretches: readonly Stretch[]
  /** Every dense gradient, for the norm and for clearing. */
  readonly gradients: Float32Array
  /** All values that are trained, and their averages where such are held. */
  readonly values: Float32Array
  readonly averages: Float32Array | undefined
}

export interface StoreOptions {
  readonly seed: number
  readonly plan: UpdatePlan
  /** Starting values by name, all or the first rows; others are drawn. */
  readonly given?: Readonly<Record<string, Float32Array>>
}

const sizeOf = ({ shape }: Parameter): number => shape.reduce((all, dim) => all * dim, 1)
const total = (parameters: readonly Parameter[]): number =>
  parameters.reduce((all, each) => all + sizeOf(each), 0)
const rowsOf = ({ shape }: Parameter): number => shape[0] ?? 1
const widthOf = (parameter: Parameter): number => sizeOf(parameter) / rowsOf(parameter)

/** Parameters that are updated alike, one behind the other. */
interface Group {
  readonly update: Update
  readonly parameters: readonly Parameter[]
}

/** What is updated as a whole, decayed first, and tables that are updated by rows, each for itself. */
function groupsOf(
  parameters: readonly Parameter[],
  plan: UpdatePlan,
): { readonly dense: readonly Group[]; readonly rows: readonly Group[] } {
  const groups = new Map<string, { update: Update; parameters: Parameter[] }>()
  const ordered = [...parameters.filter(({ decay }) => decay), ...parameters.filter(({ decay }) => !decay)]
  for (const parameter of ordered) {
    const update = plan.of(parameter)
    if (update === undefined || parameter.update === 'rows') continue
    // Rows of different tables have different widths.
    const key = update.rule.kernel.perRow ? `${keyOf(update)} ${parameter.name}` : keyOf(update)
    const group = groups.get(key) ?? { update, parameters: [] }
    group.parameters.push(parameter)
    groups.set(key, group)
  }
  const rows = parameters.flatMap((parameter): readonly Group[] => {
    const update = plan.of(parameter)
    return update === undefined || parameter.update === 'dense' ? [] : [{ update, parameters: [parameter] }]
  })
  return { dense: [...groups.values()], rows }
}

const stateSize = ({ update, parameters }: Group): number =>
  update.rule.kernel.perRow ? parameters.reduce((all, each) => all + rowsOf(each), 0) : total(parameters)

/** Bytes that a store of these parameters takes. */
export function storeBytes(parameters: readonly Parameter[], plan: UpdatePlan): number {
  const { dense, rows } = groupsOf(parameters, plan)
  const all = [...dense, ...rows]
  const trained = all.flatMap((group) => group.parameters)
  const copies = plan.averaging === undefined ? 1 : 2
  const states = all.flatMap((group) => group.update.rule.kernel.states.map(() => stateSize(group)))
  const sizes = [
    ...Array.from({ length: copies }, () => total(trained)),
    ...states,
    total(dense.flatMap((group) => group.parameters)),
    ...parameters.filter((each) => !trained.includes(each)).map(sizeOf),
  ]
  return sizes.reduce((sum, size) => sum + 4 * size + 64, 0)
}

/** Lays the parameters out and gives them their starting values. The same seed gives the same bytes. */
export function createParameterStore(
  kernels: Kernels,
  parameters: readonly Parameter[],
  { seed, plan, given = {} }: StoreOptions,
): ParameterStore {
  const { dense, rows } = groupsOf(parameters, plan)
  const all = [...dense, ...rows]
  const trained = all.flatMap((group) => group.parameters)
  const values = kernels.float32(total(trained))
  const averages = plan.averaging && kernels.float32(values.length)
  const gradients = kernels.float32(total(dense.flatMap((group) => group.parameters)))
  const slots = new Map<Parameter, Slot>()
  const stretches: Stretch[] = []
  let start = 0
  for (const group of all) {
    const { update } = group
    const { kernel } = update.rule
    const states = kernel.states.map(() => kernels.float32(stateSize(group)))
    // Written once, also where it is 0: memory is given page by page at the first write, and a table updated by rows would pay
    // for it in its first hundreds of steps (twice the time of a step at a million items), or run out of it in one of them.
    for (const state of states) kernels.fill(state, update.rule.start)
    const isDense = start < gradients.length
    const first = start
    let row = 0
    for (const parameter of group.parameters) {
      const end = start + sizeOf(parameter)
      const [from, to] = kernel.perRow ? [row, row + rowsOf(parameter)] : [start - first, end - first]
      slots.set(parameter, {
        parameter,
        update,
        values: values.subarray(start, end),
        gradients: isDense ? gradients.subarray(start, end) : gradients.subarray(gradients.length),
        states: Object.fromEntries(kernel.states.map((name, at) => [name, states[at]!.subarray(from, to)])),
        ...(averages && { average: averages.subarray(start, end) }),
      })
      row += rowsOf(parameter)
      start = end
    }
    if (isDense)
      stretches.push({
        update,
        parameters: values.subarray(first, start),
        gradients: gradients.subarray(first, start),
        states,
        width: kernel.perRow ? widthOf(group.parameters[0]!) : 1,
      })
  }
  const none = new Float32Array(0)
  for (const parameter of parameters) {
    if (slots.has(parameter)) continue
    const own = kernels.float32(sizeOf(parameter))
    slots.set(parameter, { parameter, update: undefined, values: own, gradients: none, states: {} })
  }
  const store = {
    ...{ slots: parameters.map((parameter) => slots.get(parameter)!), stretches },
    ...{ gradients, values, averages },
  }
  fillValues(store, { seed, given })
  averages?.set(values)
  return store
}

function fillValues(
  { slots }: ParameterStore,
  { seed, given }: Required<Pick<StoreOptions, 'seed' | 'given'>>,
): void {
  // One stream a parameter, so that adding one leaves the starting values of the others as they were.
  for (const [at, { parameter, values }] of slots.entries()) {
    const start = given[parameter.name]
    // Of codes that are new, rows are drawn.
    if (start === undefined || start.length < values.length)
      initialise(values, parameter.shape, parameter.initializer, createRandom(seed, at))
    if (start !== undefined) values.set(start)
  }
}

/** What is validated and returned, as it is in memory: the averages, where such are held. */
export const weightsOf = ({ slots }: ParameterStore): Readonly<Record<string, Float32Array>> =>
  Object.fromEntries(slots.map(({ parameter, values, average }) => [parameter.name, average ?? values]))
