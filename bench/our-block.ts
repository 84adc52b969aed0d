import { blockOfKind, blockOptions, type Block, type BlockKind } from '../src/blocks/index.ts'
import { RESERVED } from '../src/codes.ts'
import type { Batch } from '../src/data/index.ts'
import type { Runtime } from '../src/graph/index.ts'
import { nextItem } from '../src/heads/index.ts'
import { maskingOfKind, type MaskingKind } from '../src/masking/index.ts'
import { model, type Model } from '../src/model.ts'
import { createRandom } from '../src/random.ts'
import { BATCHES, SEED, type Configuration } from './configurations.ts'
import type { Contestant } from './contestant.ts'
import { modelStep, randomBatch } from './our-step.ts'

/** Of the events of a session, where a masking hides what is predicted: so many in each, so that all batches are of one size. */
export const HIDDEN_SHARE = 0.2

/** Seconds between two events go up to e to the power of this, evenly in their logarithm. */
const LONGEST_GAP = 10

/** A block in a configuration, with the first masking that it goes with. */
export interface BlockCase {
  readonly kind: BlockKind
  readonly block: Block
  readonly masking: MaskingKind
  readonly model: Model
  readonly configuration: Configuration
}

export function blockCase(kind: BlockKind, configuration: Configuration): BlockCase {
  const { items, time, width, layers, heads } = configuration
  // Hugging Face's LLaMA drops nothing, so that ours must not, either.
  const dropout = kind === 'llama' ? 0 : configuration.dropout
  const own = Object.entries({ width, layers, heads, dropout }).filter(([option]) =>
    blockOptions(kind).includes(option),
  )
  const block = blockOfKind(kind, Object.fromEntries(own))
  const masking = block.supports[0]!
  const whole = model(
    { items: items + RESERVED, categorical: {}, continuous: [] },
    { masking: maskingOfKind(masking), block, heads: [nextItem()], maxLength: time },
  )
  return { kind, block, masking, model: whole, configuration }
}

/** How many numbers are trained. */
export const parametersOf = ({ parameters }: Model): number =>
  parameters.reduce((all, { shape }) => all + shape.reduce((product, size) => product * size, 1), 0)

/** Full sessions of random items at random times; what is predicted follows from the masking. */
export function blockBatch({ configuration, masking, block }: BlockCase, stream: number): Batch {
  const batch = randomBatch(configuration, stream)
  const timed = block.readsTimes === true ? { ...batch, elapsed: randomTimes(batch, stream) } : batch
  return masking === 'causal' ? timed : hidden(timed, stream)
}

function randomTimes({ rows, time }: Batch, stream: number): Int32Array {
  const random = createRandom(SEED, BATCHES + stream)
  const elapsed = new Int32Array(rows * time)
  for (let place = 0; place < elapsed.length; place++)
    if (place % time > 0)
      elapsed[place] = elapsed[place - 1]! + Math.floor(Math.exp(LONGEST_GAP * random.uniform()))
  return elapsed
}

/** Some events of each session are hidden and predicted, in place of the next one of each. */
function hidden(batch: Batch, stream: number): Batch {
  const { rows, time, items } = batch
  const random = createRandom(SEED, 2 * BATCHES + stream)
  const count = Math.max(1, Math.round(HIDDEN_SHARE * time))
  const labelPositions = Int32Array.from(
    Array.from({ length: rows }, (_, row) => {
      const places = Int32Array.from({ length: time }, (_, column) => row * time + column)
      random.shuffle(places)
      return [...places.subarray(0, count)].sort((left, right) => left - right)
    }).flat(),
  )
  const order = new Int32Array(rows * time)
  labelPositions.forEach((place, label) => (order[place] = 1 + (label % count)))
  return { ...batch, order, labelPositions, labelItems: labelPositions.map((place) => items[place]!) }
}

/** Our whole step on a block, as `train()` takes it. */
export function ourBlock(each: BlockCase, runtime: Runtime, name = 'ours'): Promise<Contestant> {
  const batches = Array.from({ length: BATCHES }, (_, stream) => blockBatch(each, stream))
  return modelStep(each.model, runtime, { name, batches })
}
