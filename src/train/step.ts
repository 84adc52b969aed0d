import { batchFeeds, type Batch } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import { bind, graph, type Runtime, type TensorData } from '../graph/index.ts'
import { createKernels } from '../kernels/index.ts'
import type { Model } from '../model.ts'
import { seedState } from '../random.ts'
import { gradientParts } from './gradient-parts.ts'
import type { OptimizerOptions } from './optimizer.ts'
import { createParameterStore, storeBytes, type ParameterStore } from './parameter-store.ts'
import { count, rowGradientBytes, rowGradients } from './row-gradients.ts'

export interface StepOptions {
  readonly seed: number
  /** The largest batch that will come, in rows and in events a row. */
  readonly maxRows: number
  readonly maxTime: number
  /** Numbers for symbolic sizes that are the same in every batch; a few percent faster. */
  readonly sizes?: Readonly<Record<string, number>>
}

export interface StepResult {
  /** Mean over the labels of the batch, in nats. */
  readonly loss: number
  readonly labels: number
  /** Before clipping. */
  readonly gradientNorm: number
}

/** The training step on the CPU: the graph makes loss and gradients, kernels update the parameters in place. */
export interface TrainingStep {
  readonly store: ParameterStore
  /** State of the generator of dropout masks: a checkpoint saves it and writes it back. */
  readonly maskState: Uint32Array
  /** `update` counts from 1. Throws `TRAINING_DIVERGED`, before anything is updated, when the loss or the gradient is not finite. */
  run(batch: Batch, update: number, optimizer: Required<OptimizerOptions>): Promise<StepResult>
  close(): Promise<void>
}

/** The stream of the one seed that dropout masks are drawn from; parameters use the streams from 0. */
const MASK_STREAM = 0x6d61736b

export async function createTrainingStep(model: Model, runtime: Runtime, options: StepOptions): Promise<TrainingStep> {
  const { maxRows, maxTime, seed, sizes: bound = {} } = options
  const { loss, parameters, gradients, masks } = model.training()
  const largest = { batch: maxRows, time: maxTime, labels: maxRows * maxTime }
  const parts = gradients.map(gradientParts)

  const bytes = masks.reduce((all, mask) => all + 4 * count(mask.shape, largest) + 64, 4096)
  const rowBytes = parameters.reduce((all, parameter, at) => all + rowGradientBytes({ parameter }, parts[at]!, largest), 0)
  const kernels = await createKernels({ bytes: bytes + rowBytes + storeBytes(parameters) })
  const store = createParameterStore(kernels, parameters, seed)
  const maskState = seedState(seed, MASK_STREAM)
  const maskMemory = masks.map((mask) => kernels.float32(count(mask.shape, largest)))

  const dense = store.slots.flatMap((slot, at) => {
    const part = parts[at]!.dense
    if (part === undefined) return []
    const width = count(slot.parameter.shape.slice(1), {})
    const start = part.offset * width
    const data = slot.gradients.subarray(start, start + count(part.tensor.shape, {}))
    return [{ name: `gradient.${slot.parameter.name}`, tensor: part.tensor, into: { dtype: 'float32' as const, dims: part.tensor.shape as readonly number[], data } }]
  })
  const byRows = store.slots.flatMap((slot, at) => (parts[at]!.rows.length === 0 ? [] : [rowGradients(kernels, slot, parts[at]!, largest)]))
  const outputs = Object.assign({ loss }, Object.fromEntries(dense.map((each) => [each.name, each.tensor])), ...byRows.map((each) => each.outputs))
  const program = await runtime.compile(graph(outputs), { sizes: bound })

  const lossValue = new Float32Array(1)
  const intoDense = Object.fromEntries([['loss', { dtype: 'float32' as const, dims: [], data: lossValue }], ...dense.map((each) => [each.name, each.into] as const)])
  const parameterFeeds = Object.fromEntries(store.slots.map(({ parameter, values }) => [parameter.name, { dtype: 'float32' as const, dims: parameter.shape, data: values }]))

  return {
    store,
    maskState,
    run: async (batch, update, optimizer) => {
      const sizes = { batch: batch.rows, time: batch.time, labels: batch.labelItems.length }
      const maskFeeds = masks.map((mask, at): readonly [string, TensorData] => {
        const data = maskMemory[at]!.subarray(0, count(mask.shape, sizes))
        kernels.dropoutMask(data, mask.probability, maskState)
        return [mask.name, { dtype: 'float32', dims: mask.shape.map((dim) => bind(dim, sizes) as number), data }]
      })
      kernels.fill(store.gradients, 0)
      const feeds = { ...parameterFeeds, ...batchFeeds(batch), ...Object.fromEntries(maskFeeds) }
      await program.run(feeds, Object.assign({}, intoDense, ...byRows.map((each) => each.into(sizes))) as Record<string, TensorData>)

      const lazy = byRows.flatMap((each) => {
        if (each.slot.parameter.update === 'rows') return [{ slot: each.slot, ...each.combine(sizes) }]
        each.scatter(sizes)
        return []
      })
      const squares = lazy.reduce((all, each) => all + kernels.sumOfSquares(each.gradients), kernels.sumOfSquares(store.gradients))
      const result = { loss: lossValue[0]!, labels: sizes.labels, gradientNorm: Math.sqrt(squares) }
      if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm)) {
        throw new EnsuiteError(
          'TRAINING_DIVERGED',
          `At update ${update} the loss is ${result.loss} and the norm of the gradient ${result.gradientNorm}. Lower the learning rate (now ${optimizer.learningRate}); the last checkpoint is intact.`,
        )
      }
      const { clipNorm, weightDecay, ...rest } = optimizer
      const adamW = { ...rest, step: update, gradientScale: Math.min(1, clipNorm / (result.gradientNorm + 1e-6)) }
      for (const { decay, values: own, ...stretch } of store.stretches) kernels.adamW({ parameters: own, ...stretch }, { ...adamW, weightDecay: decay ? weightDecay : 0 })
      for (const { slot, rows, gradients: own } of lazy) {
        const { values, firstMoment, secondMoment, parameter } = slot
        kernels.adamWRows({ parameters: values, gradients: own, firstMoment, secondMoment, rows, width: parameter.shape[1]! }, { ...adamW, weightDecay: parameter.decay ? weightDecay : 0 })
      }
      return result
    },
    close: () => program.close(),
  }
}
