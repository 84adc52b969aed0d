import { batchFeeds, type Batch } from '../data/index.ts'
import { graph, type Runtime } from '../graph/index.ts'
import { createKernels } from '../kernels/index.ts'
import type { Model } from '../model.ts'
import { checkFinite } from './check-finite.ts'
import { dropoutMasks, maskBytes } from './dropout-masks.ts'
import { gradientParts, type GradientParts } from './gradient-parts.ts'
import type { OptimizerOptions } from './optimizer.ts'
import { randomDraws, type ItemCounts } from './random-draws.ts'
import { createParameterStore, storeBytes, type ParameterStore } from './parameter-store.ts'
import { count, rowGradientBytes, rowGradients, type Sizes } from './row-gradients.ts'

export interface StepOptions {
  readonly seed: number
  /** The largest batch that will come, in rows and in events a row. */
  readonly maxRows: number
  readonly maxTime: number
  /** How often each item is trained on: [items], for losses that ask for it. */
  readonly itemCounts?: ItemCounts | undefined
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

/** One update of a model's parameters after another. */
export interface TrainingStep {
  /** Parameters and moments in the memory of this process. */
  readonly store: ParameterStore
  /** State of the generator of dropout masks: a checkpoint saves it and writes it back. */
  readonly maskState: Uint32Array
  /** `update` counts from 1. Throws `TRAINING_DIVERGED`, before anything is updated, when the loss or the gradient is not finite. */
  run(batch: Batch, update: number, optimizer: Required<OptimizerOptions>): Promise<StepResult>
  /** Brings `store` up to date with what was trained; to be called before it is read. At no cost where it is what is trained. */
  pull(): Promise<void>
  /** Goes on from what was written into `store`. */
  push(): void
  close(): Promise<void>
}

/** The largest sizes that the memory of a step is made for. */
export const largestSizes = ({ maxRows, maxTime }: StepOptions): Sizes => ({
  batch: maxRows,
  time: maxTime,
  labels: maxRows * maxTime,
  sessions: maxRows,
  span: maxTime,
})

/** Of a parameter that is not trained. */
const NONE: GradientParts = { rows: [] }

/** What the symbolic sizes are in a batch. */
export const batchSizes = (batch: Batch): Sizes => ({
  batch: batch.rows,
  time: batch.time,
  labels: batch.labelItems.length,
  sessions: batch.sessionIndices.length,
  span: batch.sessionPlaces.length / Math.max(1, batch.sessionIndices.length),
})

/** The training step on the CPU: the graph makes loss and gradients, kernels update the parameters in place. */
export async function createTrainingStep(
  model: Model,
  runtime: Runtime,
  options: StepOptions,
): Promise<TrainingStep> {
  const { seed, sizes: bound = {} } = options
  const { loss, parameters, gradients, masks, draws } = model.training()
  const largest = largestSizes(options)
  const parts = gradients.map((gradient) => (gradient === undefined ? NONE : gradientParts(gradient)))

  const rowBytes = parameters.reduce(
    (all, parameter, at) => all + rowGradientBytes({ parameter }, parts[at]!, largest),
    0,
  )
  const kernels = await createKernels({
    bytes: maskBytes(masks, largest) + rowBytes + storeBytes(parameters),
  })
  const store = createParameterStore(kernels, parameters, seed, model.pretrained)
  const random = randomDraws(draws, { seed, itemCounts: options.itemCounts })
  const dropout = dropoutMasks(kernels, masks, { largest, seed })

  const dense = store.slots.flatMap((slot, at) => {
    const part = parts[at]!.dense
    if (part === undefined) return []
    const width = count(slot.parameter.shape.slice(1), {})
    const start = part.offset * width
    const data = slot.gradients.subarray(start, start + count(part.tensor.shape, {}))
    return [
      {
        name: `gradient.${slot.parameter.name}`,
        tensor: part.tensor,
        into: { dtype: 'float32' as const, dims: part.tensor.shape as readonly number[], data },
      },
    ]
  })
  const byRows = store.slots.flatMap((slot, at) =>
    parts[at]!.rows.length === 0 ? [] : [rowGradients(kernels, slot, parts[at]!, largest)],
  )
  const outputs = {
    loss,
    ...Object.fromEntries(dense.map((each) => [each.name, each.tensor])),
    ...Object.fromEntries(byRows.flatMap((each) => Object.entries(each.outputs))),
  }
  const program = await runtime.compile(graph(outputs), { sizes: bound })

  const lossValue = new Float32Array(1)
  const intoDense = Object.fromEntries([
    ['loss', { dtype: 'float32' as const, dims: [], data: lossValue }],
    ...dense.map((each) => [each.name, each.into] as const),
  ])
  const parameterFeeds = Object.fromEntries(
    store.slots.map(({ parameter, values }) => [
      parameter.name,
      { dtype: 'float32' as const, dims: parameter.shape, data: values },
    ]),
  )

  return {
    store,
    maskState: dropout.state,
    run: async (batch, update, optimizer) => {
      const sizes = batchSizes(batch)
      kernels.fill(store.gradients, 0)
      const feeds = {
        ...parameterFeeds,
        ...batchFeeds(batch),
        ...dropout.draw(sizes),
        ...random.draw(batch, update, sizes),
      }
      const intoRows = Object.fromEntries(byRows.flatMap((each) => Object.entries(each.into(sizes))))
      await program.run(feeds, { ...intoDense, ...intoRows })

      const lazy = byRows.flatMap((each) => {
        if (each.slot.parameter.update === 'rows') return [{ slot: each.slot, ...each.combine(sizes) }]
        each.scatter(sizes)
        return []
      })
      const squares = lazy.reduce(
        (all, each) => all + kernels.sumOfSquares(each.gradients),
        kernels.sumOfSquares(store.gradients),
      )
      const result = {
        loss: lossValue[0]!,
        labels: batch.labelItems.length,
        gradientNorm: Math.sqrt(squares),
      }
      checkFinite(result, update, optimizer)
      const { clipNorm, weightDecay, ...rest } = optimizer
      const adamW = {
        ...rest,
        step: update,
        gradientScale: Math.min(1, clipNorm / (result.gradientNorm + 1e-6)),
      }
      for (const { decay, values: own, ...stretch } of store.stretches)
        kernels.adamW({ parameters: own, ...stretch }, { ...adamW, weightDecay: decay ? weightDecay : 0 })
      for (const { slot, rows, gradients: own } of lazy) {
        const { values, firstMoment, secondMoment, parameter } = slot
        kernels.adamWRows(
          {
            parameters: values,
            gradients: own,
            firstMoment,
            secondMoment,
            rows,
            width: count(parameter.shape.slice(1), {}),
          },
          { ...adamW, weightDecay: parameter.decay ? weightDecay : 0 },
        )
      }
      return result
    },
    pull: () => Promise.resolve(),
    push: () => undefined,
    close: () => program.close(),
  }
}
