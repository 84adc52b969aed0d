import { sasrec } from '../src/blocks/index.ts'
import { RESERVED } from '../src/codes.ts'
import type { Batch } from '../src/data/index.ts'
import type { Runtime } from '../src/graph/index.ts'
import { nextItem } from '../src/heads/index.ts'
import { causal } from '../src/masking/index.ts'
import { model, type Model } from '../src/model.ts'
import { createRandom } from '../src/random.ts'
import { createStep } from '../src/train/create-step.ts'
import { BATCHES, SEED, type Configuration } from './configurations.ts'
import type { Contestant } from './contestant.ts'

export function benchModel({ items, time, width, layers, heads, dropout }: Configuration): Model {
  return model(
    { items: items + RESERVED, categorical: {}, continuous: [] },
    {
      masking: causal(),
      block: sasrec({ width, layers, heads, dropout }),
      heads: [nextItem()],
      maxLength: time,
    },
  )
}

/** The sizes of every batch of a configuration: each event has a label. */
export const sizesOf = ({
  batch,
  time,
}: Configuration): Readonly<Record<'batch' | 'time' | 'labels', number>> => ({
  batch,
  time,
  labels: batch * time,
})

/** Full sessions of random items; the event after each is its label. */
export function randomBatch({ items, batch, time }: Configuration, stream: number): Batch {
  const random = createRandom(SEED, stream)
  const places = batch * time
  const events = Int32Array.from({ length: batch * (time + 1) }, () => RESERVED + random.below(items))
  const after = (place: number, steps: number): number =>
    events[Math.floor(place / time) * (time + 1) + (place % time) + steps]!
  return {
    rows: batch,
    time,
    items: Int32Array.from({ length: places }, (_, place) => after(place, 0)),
    categorical: {},
    continuous: {},
    segments: new Int32Array(places).fill(1),
    positions: Int32Array.from({ length: places }, (_, place) => place % time),
    labelPositions: Int32Array.from({ length: places }, (_, place) => place),
    labelItems: Int32Array.from({ length: places }, (_, place) => after(place, 1)),
    sessionPlaces: Int32Array.from({ length: places }, (_, place) => place),
    sessionIndices: Int32Array.from({ length: batch }, (_, row) => row),
  }
}

/** Our whole step: masks, graph, clipping, update. `fixed` binds the symbolic sizes; `train()` leaves them open. */
export function ourStep(
  configuration: Configuration,
  runtime: Runtime,
  { fixed }: { readonly fixed: boolean },
): Promise<Contestant> {
  return modelStep(benchModel(configuration), runtime, {
    name: fixed ? 'ours, sizes bound' : 'ours',
    batches: Array.from({ length: BATCHES }, (_, stream) => randomBatch(configuration, stream)),
    ...(fixed && { sizes: sizesOf(configuration) }),
  })
}

interface ModelStep {
  readonly name: string
  /** Of one size; used in turn. */
  readonly batches: readonly Batch[]
  /** Numbers for symbolic sizes, where they are bound. */
  readonly sizes?: Readonly<Record<string, number>>
}

/** The step that `train()` takes, of any model. */
export async function modelStep(
  model: Model,
  runtime: Runtime,
  { name, batches, sizes }: ModelStep,
): Promise<Contestant> {
  const { rows, time } = batches[0]!
  const step = await createStep(model, runtime, {
    seed: SEED,
    maxRows: rows,
    maxTime: time,
    ...(sizes && { sizes }),
  })
  let update = 0
  return {
    name,
    turn: async (steps) => {
      const ms: number[] = []
      const losses: number[] = []
      for (let at = 0; at < steps; at++) {
        const started = performance.now()
        const { loss } = await step.run([batches[update % batches.length]!], {
          update: ++update,
          learningRate: 1e-3,
        })
        ms.push(performance.now() - started)
        losses.push(loss)
      }
      return { ms, losses }
    },
    close: () => step.close(),
  }
}
