import {
  add,
  graph,
  greater,
  input,
  where,
  type DeviceTensor,
  type Runtime,
  type Tensor,
  type TensorData,
} from '../graph/index.ts'
import type { TrainingGraph } from '../model.ts'
import type { Parameter } from '../nn/index.ts'
import { deviceValues } from './device-values.ts'
import { checkRowsUpdate, gradientParts } from './gradient-parts.ts'
import { touchCounts, touchedRows } from './update-graph.ts'
import type { UpdatePlan } from './update-plan.ts'

/** What the update of one parameter reads. */
export interface UpdateInputs {
  readonly parameter: Parameter
  readonly gradient: Tensor
  /** Of a table that is updated by rows: those to update, bool [rows, 1]. */
  readonly touched?: Tensor
}

type Feeds = Readonly<Record<string, TensorData | DeviceTensor>>

/** The gradients that a graph of the update reads: of its own batch, or added up before over several. */
export interface DeviceGradients {
  readonly inputs: readonly UpdateInputs[]
  /** The loss, where the update is of one batch; else `collect` gives it. */
  readonly loss: Tensor | undefined
  /** Adds up the gradients of so many batches; undefined where there is nothing to add up. */
  collect(
    batches: number,
    feedsOf: (batch: number) => Feeds,
  ): Promise<{ readonly loss: number; readonly feeds: Feeds } | undefined>
  close(): Promise<void>
}

export interface DeviceGradientOptions {
  readonly plan: UpdatePlan
  readonly accumulate: number
  /** Numbers for symbolic sizes. */
  readonly bound: Readonly<Record<string, number>>
}

interface Trained {
  readonly parameter: Parameter
  readonly gradient: Tensor
  /** How often each row is touched, of a table that is updated by rows. */
  readonly counts?: Tensor
}

export async function deviceGradients(
  { loss, parameters, gradients }: Pick<TrainingGraph, 'loss' | 'parameters' | 'gradients'>,
  runtime: Runtime,
  { plan, accumulate, bound }: DeviceGradientOptions,
): Promise<DeviceGradients> {
  const trained = parameters.flatMap((parameter, at): readonly Trained[] => {
    const gradient = gradients[at]
    if (gradient === undefined || plan.of(parameter) === undefined) return []
    if (parameter.update === 'dense') return [{ parameter, gradient }]
    const parts = gradientParts(gradient)
    checkRowsUpdate(parameter.name, parts)
    return [{ parameter, gradient, counts: touchCounts(parameter.shape[0]!, parts) }]
  })
  const touchedOf = (counts: Tensor | undefined) =>
    counts === undefined ? {} : { touched: touchedRows(counts) }
  if (accumulate === 1)
    return {
      inputs: trained.map(({ counts, ...each }) => ({ ...each, ...touchedOf(counts) })),
      loss,
      collect: () => Promise.resolve(undefined),
      close: () => Promise.resolve(),
    }

  // Of the first batch of an update, what was added up before does not count, whatever is in it.
  const goesOn = greater(input('accumulated', 'float32', []), 0)
  const sums = trained.flatMap(({ parameter: { name, shape }, gradient, counts }) => [
    { name: `gradient.${name}`, shape, own: gradient },
    ...(counts === undefined ? [] : [{ name: `touched.${name}`, shape: [shape[0]!, 1], own: counts }]),
  ])
  const inputs = new Map(sums.map(({ name, shape }) => [name, input(name, 'float32', shape)]))
  const outputs = sums.map(
    ({ name, own }) => [`next.${name}`, add(own, where(goesOn, inputs.get(name)!, 0))] as const,
  )
  const program = await runtime.compile(graph({ loss, ...Object.fromEntries(outputs) }), {
    keep: outputs.map(([name]) => name),
    sizes: bound,
  })
  const device = deviceValues(
    sums.map(({ name, shape }) => ({
      ...{ from: `next.${name}`, to: name, dims: shape },
      memory: new Float32Array(shape.reduce((all, dim) => all * dim, 1)),
    })),
  )
  return {
    inputs: trained.map(({ parameter }) => ({
      parameter,
      gradient: inputs.get(`gradient.${parameter.name}`)!,
      ...touchedOf(inputs.get(`touched.${parameter.name}`)),
    })),
    loss: undefined,
    collect: async (batches, feedsOf) => {
      let sum = 0
      for (let batch = 0; batch < batches; batch++) {
        const accumulated = { dtype: 'float32' as const, dims: [], data: Float32Array.of(batch) }
        const ran = await program.runKeeping({ ...feedsOf(batch), ...device.feeds(), accumulated })
        device.hold(ran.kept)
        sum += Number(ran.outputs['loss']!.data[0])
      }
      return { loss: sum, feeds: device.feeds() }
    },
    close: async () => {
      device.drop()
      await program.close()
    },
  }
}
