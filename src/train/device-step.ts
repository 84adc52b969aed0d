import { batchFeeds } from '../data/index.ts'
import {
  graph,
  input,
  type DeviceTensor,
  type Runtime,
  type Tensor,
  type TensorData,
} from '../graph/index.ts'
import { createKernels } from '../kernels/index.ts'
import type { Model } from '../model.ts'
import { adamWFeeds, adamWGraph, adamWScalars, clipByGlobalNorm, touchedRows } from './adamw-graph.ts'
import { checkFinite } from './check-finite.ts'
import { dropoutMasks, maskBytes } from './dropout-masks.ts'
import { checkRowsUpdate, gradientParts } from './gradient-parts.ts'
import { createParameterStore, storeBytes, type Slot } from './parameter-store.ts'
import { randomDraws } from './random-draws.ts'
import { batchSizes, largestSizes, type StepOptions, type TrainingStep } from './step.ts'

/** The three values of a parameter that a step carries over to the next. */
const STATES = ['value', 'first', 'second'] as const
type State = (typeof STATES)[number]

/** A parameter goes in under its own name, since the model asks for it so. */
const inputOf = (name: string, state: State): string => (state === 'value' ? name : `adamW.${state}.${name}`)
const outputOf = (name: string, state: State): string => `adamW.next.${state}.${name}`
const memoryOf = (slot: Slot, state: State): Float32Array =>
  ({ value: slot.values, first: slot.firstMoment, second: slot.secondMoment })[state]

/**
 * The training step on a device: loss, gradients and AdamW are one graph, and parameters and moments stay on the device from
 * one step to the next. Only batch and masks go in; only loss and norm come out. It runs on the CPU, too, and agrees with the kernels to rounding.
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
  const { seed, sizes: bound = {} } = options
  const { loss, parameters, gradients, masks, draws } = model.training()
  const largest = largestSizes(options)
  const kernels = await createKernels({ bytes: maskBytes(masks, largest) + storeBytes(parameters) })
  const store = createParameterStore(kernels, parameters, seed, model.pretrained)
  const random = randomDraws(draws, { seed, itemCounts: options.itemCounts })
  const dropout = dropoutMasks(kernels, masks, { largest, seed })

  const scalars = adamWScalars()
  const trained = gradients.flatMap((gradient) => gradient ?? [])
  const { norm, scale } = clipByGlobalNorm(trained, scalars.clipNorm)
  const next = parameters.flatMap((parameter, at): (readonly [string, Tensor])[] => {
    const { name, shape, tensor, decay, update } = parameter
    const gradient = gradients[at]
    if (gradient === undefined) return []
    const moment = (state: State): Tensor => input(inputOf(name, state), 'float32', shape)
    const parts = gradientParts(gradient)
    if (update === 'rows') checkRowsUpdate(name, parts)
    const touched = update === 'rows' ? { touched: touchedRows(shape[0]!, parts) } : {}
    const tensors = {
      parameter: tensor,
      gradient,
      firstMoment: moment('first'),
      secondMoment: moment('second'),
    }
    const updated = adamWGraph(tensors, { scalars, scale, decay, ...touched })
    return [
      [outputOf(name, 'value'), updated.parameter],
      [outputOf(name, 'first'), updated.firstMoment],
      [outputOf(name, 'second'), updated.secondMoment],
    ]
  })
  const program = await runtime.compile(graph({ loss, gradientNorm: norm, ...Object.fromEntries(next) }), {
    keep: next.map(([name]) => name),
    sizes: bound,
  })

  const moving = store.slots.filter(({ parameter }) => parameter.trainable)
  const frozen = store.slots.filter(({ parameter }) => !parameter.trainable)
  const entries = moving.flatMap((slot) =>
    STATES.map((state) => {
      const { name, shape } = slot.parameter
      return {
        from: outputOf(name, state),
        to: inputOf(name, state),
        dims: shape,
        memory: memoryOf(slot, state),
      }
    }),
  )
  const fromStore = Object.fromEntries(
    entries.map(({ to, dims, memory }) => [
      to,
      { dtype: 'float32', dims, data: memory } satisfies TensorData,
    ]),
  )
  const fixed = Object.fromEntries(
    frozen.map(({ parameter: { name, shape }, values }) => [
      name,
      { dtype: 'float32', dims: shape, data: values } satisfies TensorData,
    ]),
  )
  /** What is on the device, by input; undefined while the store is what counts. */
  let held: Readonly<Record<string, DeviceTensor>> | undefined
  let pulled = true
  const drop = (handles: Readonly<Record<string, DeviceTensor>> = {}): void => {
    for (const handle of Object.values(handles)) handle.dispose()
  }

  return {
    store,
    maskState: dropout.state,
    run: async (batch, update, optimizer) => {
      const scalarFeeds = adamWFeeds(optimizer, update)
      const sizes = batchSizes(batch)
      const { kept, outputs } = await program.runKeeping({
        ...fixed,
        ...(held ?? fromStore),
        ...batchFeeds(batch),
        ...dropout.draw(sizes),
        ...random.draw(batch, update, sizes),
        ...scalarFeeds,
      })
      const result = {
        loss: Number(outputs['loss']!.data[0]),
        labels: batch.labelItems.length,
        gradientNorm: Number(outputs['gradientNorm']!.data[0]),
      }
      try {
        checkFinite(result, update, optimizer)
      } catch (error) {
        // What is held stays what it was before this step.
        drop(kept)
        throw error
      }
      drop(held)
      held = Object.fromEntries(entries.map(({ from, to }) => [to, kept[from]!]))
      pulled = false
      return result
    },
    pull: async () => {
      if (pulled || held === undefined) return
      for (const { to, memory } of entries) memory.set((await held[to]!.read()).data as Float32Array)
      pulled = true
    },
    push: () => {
      drop(held)
      held = undefined
      pulled = true
    },
    close: async () => {
      drop(held)
      held = undefined
      await program.close()
    },
  }
}
