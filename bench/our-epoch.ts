import { sasrec } from '../src/blocks/index.ts'
import { selectSessions, type Sessions } from '../src/data/index.ts'
import type { FeatureSchema } from '../src/inputs/index.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { nextItem } from '../src/heads/index.ts'
import { causal } from '../src/masking/index.ts'
import { model } from '../src/model.ts'
import { train } from '../src/train/index.ts'
import { workflow } from '../src/workflow/index.ts'
import { SEED } from './configurations.ts'

/** What both sides train. */
export const epochModel = { width: 64, layers: 2, heads: 2 }
export const TIME = 200
export const BATCH = 128

export interface Epoch {
  readonly seconds: number
  readonly batches: number
}

export interface EpochData {
  readonly sessions: Sessions
  readonly schema: FeatureSchema
}

/** Reads lines `user item` in time order; each user is a session. `batches`: only so many batches of users. */
export async function readEpochData(path: string, batches?: number): Promise<EpochData> {
  const source = { path, format: 'csv', columns: ['user', 'item'], delimiter: ' ' } as const
  const { fitted, sessions: all } = await workflow({ session: 'user', item: 'item' }).fitTransform(source)
  if (batches === undefined) return { sessions: all, schema: fitted.schema }
  const some = Int32Array.from({ length: Math.min(all.count, batches * BATCH) }, (_, at) => at)
  return { sessions: selectSessions(all, some), schema: fitted.schema }
}

/** One epoch through `train()`, from fresh parameters; making the batches counts, making the graph does not. */
export async function ourEpoch({ sessions, schema }: EpochData, threads: number): Promise<Epoch> {
  const made = model(schema, {
    masking: causal(),
    block: sasrec({ ...epochModel, dropout: 0.2 }),
    heads: [nextItem()],
    maxLength: TIME,
  })
  const runtime = nodeRuntime({ threads })
  const { history } = await train(made, sessions, { runtime, epochs: 1, batchSize: BATCH, seed: SEED })
  const { seconds, updates } = history[0]!
  return { seconds, batches: updates }
}
