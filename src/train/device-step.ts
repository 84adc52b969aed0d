import { batchFeeds } from '../data/index.ts'
import { graph, input, type Runtime, type Tensor } from '../graph/index.ts'
import { createKernels } from '../kernels/index.ts'
import type { Model } from '../model.ts'
import type { Parameter } from '../nn/index.ts'
import { checkFinite } from './check-finite.ts'
import { closeAll, closingOnError } from './close-all.ts'
import { deviceGradients, type UpdateInputs } from './device-gradients.ts'
import { deviceValues } from './device-values.ts'
import { dropoutMasks, maskBytes } from './dropout-masks.ts'
import { createParameterStore, storeBytes, type Slot } from './parameter-store.ts'
import { randomDraws } from './random-draws.ts'
import { shares } from './shares.ts'
import { batchSizes, drawOf, labelsOf, largestSizes, type StepOptions, type TrainingStep } from './step.ts'
import { clipByGlobalNorm, rowsOf, updateGraph, updateScalars, type UpdateScalars } from './update-graph.ts'
import { defaultPlan, type Update } from './update-plan.ts'

/** A parameter goes in under its own name, since the model asks for it so. */
const inputOf = (name: string, value: string): string =>
  value === 'value' ? name : `optimizer.${value}.${name}`
const outputOf = (name: string, value: string): string => `optimizer.next.${value}.${name}`

/** What a step carries over to the next of one parameter: itself, what the optimizer holds of it, and its average. */
const carried = ({ parameter, values, states, average }: Slot) =>
  Object.entries({ value: values, ...states, ...(average && { average }) }).map(([value, memory]) => ({
    from: outputOf(parameter.name, value),
    to: inputOf(parameter.name, value),
    dims: memory.length === values.length ? parameter.shape : (rowsOf(parameter.shape) as readonly number[]),
    memory,
  }))

/**
 * The training step on a device: loss, gradients and the optimizer are one graph, and parameters and moments stay on the device from
 * one step to the next. Only batch and masks go in; only loss and norm come out. It runs on the CPU, too, and agrees with the kernels to rounding.
 * Where several batches make an update, a graph adds their gradients up on the device, and another one updates.
 *
 * `store` is a copy: `pull` brings it up to date, `push` makes the device start from what was written into it. Tables that
 * are updated by rows take as long as dense ones here. Where a device adds up repeated rows in no fixed order, as CUDA
 * does, two runs agree to rounding and not bit for bit.
 */
export async function createDeviceStep(
  model: Model,
  runtime: Runtime,
  options: StepOptions,
): Promise<TrainingStep> {
  const { seed, plan = defaultPlan(), accumulate = 1, sizes: bound = {} } = options
  const training = model.training({ shares: accumulate > 1 })
  const { parameters, masks, draws } = training
  const largest = largestSizes(options)
  const kernels = await createKernels({ bytes: maskBytes(masks, largest) + storeBytes(parameters, plan) })
  const store = createParameterStore(kernels, parameters, { seed, plan, given: model.pretrained })
  const random = randomDraws(draws, { seed, itemCounts: options.itemCounts })
  const dropout = dropoutMasks(kernels, masks, { largest, seed })

  const moving = store.slots.filter(({ update }) => update !== undefined)
  const { scalars, feeds: scalarFeeds } = updateScalars(
    moving.map(({ update }) => update!),
    plan,
  )
  const gradients = await deviceGradients(training, runtime, { plan, accumulate, bound })
  const program = await closingOnError(gradients, () => {
    const { norm, scale } = clipByGlobalNorm(
      gradients.inputs.map(({ gradient }) => gradient),
      scalars.clipNorm,
    )
    const next = gradients.inputs.flatMap((each) =>
      updated(
        each,
        store.slots.find(({ parameter }) => parameter === each.parameter)!,
        { scalars, scale },
      ),
    )
    const { loss } = gradients
    return runtime.compile(
      graph({ ...(loss && { loss }), gradientNorm: norm, ...Object.fromEntries(next) }),
      { keep: next.map(([name]) => name), sizes: bound },
    )
  })
  const device = deviceValues(moving.flatMap(carried))
  const fixed = Object.fromEntries(
    store.slots.flatMap(({ parameter: { name, shape }, values, update }) =>
      update === undefined ? [[name, { dtype: 'float32' as const, dims: shape, data: values }] as const] : [],
    ),
  )

  return {
    store,
    maskState: dropout.state,
    run: async (batches, at) => {
      const ownFeeds = scalarFeeds(at)
      const weights = accumulate > 1 ? shares(model, batches) : []
      const feedsOf = (index: number) => {
        const batch = batches[index]!
        const sizes = batchSizes(batch)
        return {
          ...fixed,
          ...device.feeds(),
          ...batchFeeds(batch),
          ...dropout.draw(sizes),
          ...random.draw(batch, drawOf(at.update, index, accumulate), sizes),
          ...weights[index],
        }
      }
      const collected = await gradients.collect(batches.length, feedsOf)
      const { kept, outputs } = await program.runKeeping({
        ...(collected ? { ...device.feeds(), ...collected.feeds } : feedsOf(0)),
        ...ownFeeds,
      })
      const result = {
        loss: collected?.loss ?? Number(outputs['loss']!.data[0]),
        labels: labelsOf(batches),
        gradientNorm: Number(outputs['gradientNorm']!.data[0]),
      }
      try {
        checkFinite(result, at)
      } catch (error) {
        // What is held stays what it was before this step.
        for (const handle of Object.values(kept)) handle.dispose()
        throw error
      }
      device.hold(kept)
      return result
    },
    pull: () => device.pull(),
    push: () => {
      device.drop()
    },
    close: () => {
      device.drop()
      return closeAll(gradients, program)
    },
  }
}

/** The outputs of one parameter's update. */
function updated(
  { parameter, gradient, touched }: UpdateInputs,
  { states, average, update }: Slot,
  { scalars, scale }: { readonly scalars: UpdateScalars; readonly scale: Tensor },
): readonly (readonly [string, Tensor])[] {
  const { name, shape, tensor } = parameter
  const own: Update = update!
  const inputFor = (value: string, of: Parameter['shape']): Tensor =>
    input(inputOf(name, value), 'float32', of)
  const names = Object.keys(states)
  const stateShape = own.rule.kernel.perRow ? rowsOf(shape) : shape
  const tensors = {
    ...{ parameter: tensor, gradient },
    states: names.map((state) => inputFor(state, stateShape as readonly number[])),
    ...(average && { average: inputFor('average', shape) }),
  }
  const after = updateGraph(tensors, { update: own, scalars, scale, ...(touched && { touched }) })
  return [
    [outputOf(name, 'value'), after.parameter],
    ...names.map((state, at) => [outputOf(name, state), after.states[at]!] as const),
    ...(after.average ? [[outputOf(name, 'average'), after.average] as const] : []),
  ]
}
