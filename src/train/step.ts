import { batchFeeds, type Batch } from '../data/index.ts'
import { graph, type Runtime } from '../graph/index.ts'
import { createKernels, type Kernels } from '../kernels/index.ts'
import type { Model } from '../model.ts'
import { averagingShare } from './averaging.ts'
import { checkFinite } from './check-finite.ts'
import { dropoutMasks, maskBytes } from './dropout-masks.ts'
import { gradientParts, type GradientParts } from './gradient-parts.ts'
import { randomDraws, type ItemCounts } from './random-draws.ts'
import { createParameterStore, storeBytes, type ParameterStore } from './parameter-store.ts'
import { count, rowGradientBytes, rowGradients, type Sizes } from './row-gradients.ts'
import { shares } from './shares.ts'
import type { UpdateAt } from './update-graph.ts'
import { defaultPlan, type Update, type UpdatePlan } from './update-plan.ts'

export interface StepOptions {
  readonly seed: number
  /** The largest batch that will come, in rows and in events a row. */
  readonly maxRows: number
  readonly maxTime: number
  /** How parameters are updated; AdamW with its defaults unless given. */
  readonly plan?: UpdatePlan
  /** The most batches of one update; default 1. */
  readonly accumulate?: number
  /** How often each item is trained on: [items], for losses that ask for it. */
  readonly itemCounts?: ItemCounts | undefined
  /** Numbers for symbolic sizes that are the same in every batch; a few percent faster. */
  readonly sizes?: Readonly<Record<string, number>>
}

export interface StepResult {
  /** Mean over the labels of all batches, in nats. */
  readonly loss: number
  readonly labels: number
  /** Before clipping. */
  readonly gradientNorm: number
}

/** One update of a model's parameters after another. */
export interface TrainingStep {
  /** Parameters and what the optimizer holds of them, in the memory of this process. */
  readonly store: ParameterStore
  /** State of the generator of dropout masks: a checkpoint saves it and writes it back. */
  readonly maskState: Uint32Array
  /**
   * One update from one batch or from several, up to `accumulate`, as if these were one: their losses count by what each is a mean over (see `shares`). Not so are losses that look at the rest of their batch, such as negatives
   * from it: they see the smaller one. Throws `TRAINING_DIVERGED`, before anything is updated, when the loss or the gradient is not finite.
   */
  run(batches: readonly Batch[], at: UpdateAt): Promise<StepResult>
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

/** Which draw the random numbers of a batch are: each batch of each update has its own. */
export const drawOf = (update: number, batch: number, accumulate: number): number =>
  (update - 1) * accumulate + batch + 1

export const labelsOf = (batches: readonly Batch[]): number =>
  batches.reduce((sum, { labelItems }) => sum + labelItems.length, 0)

/** The training step on the CPU: the graph makes loss and gradients, kernels update the parameters in place. */
export async function createTrainingStep(
  model: Model,
  runtime: Runtime,
  options: StepOptions,
): Promise<TrainingStep> {
  const { seed, plan = defaultPlan(), accumulate = 1, sizes: bound = {} } = options
  const { loss, parameters, gradients, masks, draws } = model.training({ shares: accumulate > 1 })
  const largest = largestSizes(options)
  const held = { largest, batches: accumulate }
  // A gradient that nothing asks for is no part of the graph.
  const parts = gradients.map((gradient, at) =>
    gradient === undefined || plan.of(parameters[at]!) === undefined ? NONE : gradientParts(gradient),
  )

  const rowBytes = parameters.reduce(
    (all, parameter, at) => all + rowGradientBytes({ parameter }, parts[at]!, held),
    0,
  )
  const ownBytes = storeBytes(parameters, plan)
  const kernels = await createKernels({
    bytes: maskBytes(masks, largest) + rowBytes + ownBytes + (accumulate > 1 ? ownBytes : 0),
  })
  const store = createParameterStore(kernels, parameters, { seed, plan, given: model.pretrained })
  const earlier = accumulate > 1 ? earlierGradients(kernels, store.gradients) : undefined
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
    parts[at]!.rows.length === 0 ? [] : [rowGradients(kernels, slot, parts[at]!, held)],
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
    run: async (batches, { update, learningRate }) => {
      const weights = accumulate > 1 ? shares(model, batches) : []
      for (const each of byRows) each.clear()
      let sum = 0
      for (const [at, batch] of batches.entries()) {
        const sizes = batchSizes(batch)
        kernels.fill(store.gradients, 0)
        const feeds = {
          ...parameterFeeds,
          ...batchFeeds(batch),
          ...dropout.draw(sizes),
          ...random.draw(batch, drawOf(update, at, accumulate), sizes),
          ...weights[at],
        }
        const intoRows = Object.fromEntries(byRows.flatMap((each) => Object.entries(each.into(sizes))))
        await program.run(feeds, { ...intoDense, ...intoRows })
        sum += lossValue[0]!
        for (const each of byRows)
          if (each.slot.parameter.update === 'rows') each.hold(sizes)
          else each.scatter(sizes)
        if (at > 0) earlier!.add()
        if (at + 1 < batches.length) earlier!.keep()
      }
      const lazy = byRows.flatMap((each) =>
        each.slot.parameter.update === 'rows' ? [{ slot: each.slot, ...each.combine() }] : [],
      )
      const squares = lazy.reduce(
        (all, each) => all + kernels.sumOfSquares(each.gradients),
        kernels.sumOfSquares(store.gradients),
      )
      const result = { loss: sum, labels: labelsOf(batches), gradientNorm: Math.sqrt(squares) }
      checkFinite(result, { update, learningRate })
      const gradientScale = Math.min(1, plan.clipNorm / (result.gradientNorm + 1e-6))
      const settings = ({ rate, weightDecay }: Update) => ({
        ...{ learningRate: learningRate * rate, weightDecay, step: update, gradientScale },
      })
      for (const { update: own, ...stretch } of store.stretches)
        kernels.update(own.rule.kernel, stretch, settings(own))
      for (const { slot, rows, gradients: own } of lazy) {
        const { values, states, parameter } = slot
        const { rule } = slot.update!
        kernels.updateRows(
          rule.kernel,
          {
            parameters: values,
            gradients: own,
            states: rule.kernel.states.map((name) => states[name]!),
            rows,
            width: count(parameter.shape.slice(1), {}),
          },
          settings(slot.update!),
        )
      }
      if (store.averages !== undefined)
        kernels.blend(store.averages, store.values, averagingShare(plan.averaging!, update))
      return result
    },
    pull: () => Promise.resolve(),
    push: () => undefined,
    close: () => program.close(),
  }
}

/** Keeps the dense gradients of the earlier batches of an update, and adds them to those of a later one. */
function earlierGradients(kernels: Kernels, gradients: Float32Array) {
  const kept = kernels.float32(gradients.length)
  const first = kernels.int32(1)
  return {
    keep: () => {
      kept.set(gradients)
    },
    add: () => {
      if (kept.length > 0) kernels.scatterAddRows(gradients, first, kept, kept.length)
    },
  }
}
