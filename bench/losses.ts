import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { sasrec } from '../src/blocks/index.ts'
import { table } from '../src/cli/output.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { nextItem, type NextItemOptions } from '../src/heads/index.ts'
import { causal } from '../src/masking/index.ts'
import { model } from '../src/model.ts'
import { count } from './flags.ts'
import { measure } from './measure.ts'
import { MOVIELENS, movielens } from './movielens.ts'

/** What the loss and tied weights are worth: one SASRec on MovieLens 1M, trained with each for the same number of epochs. */
const cases: Readonly<Record<string, NextItemOptions>> = {
  'full softmax, tied': {},
  'full softmax, own weights': { tieWeights: false },
  'sampled softmax, 256 by frequency': { loss: 'sampled-softmax', negatives: 256, distribution: 'frequency' },
  'sampled softmax, 256 uniform': { loss: 'sampled-softmax', negatives: 256 },
  'gBCE, 64 negatives': { loss: 'gbce', negatives: 64 },
  'gBCE, 64 negatives, as published': { loss: 'gbce', negatives: 64, prior: false },
  'BCE, 64 negatives': { loss: 'bce', negatives: 64 },
  'BCE, 1 negative': { loss: 'bce', negatives: 1 },
  'BPR-max, mixed': { loss: 'bpr-max', negatives: 256 },
}

interface Flags {
  readonly from: string
  readonly epochs: number
  readonly maxLength: number
  readonly rate: number
  readonly batchSize: number
  readonly patience: number
  readonly threads: number
  readonly only?: readonly string[]
}

const program = new Command('bench:losses')
  .description('NDCG@10 on MovieLens 1M (leave one out, full ranking, seen items left out) by loss')
  .option('--from <folder>', 'where the data is', '../shared/data')
  .option('--epochs <n>', 'of each', count, 10)
  .option('--max-length <n>', 'latest events that are read', count, 50)
  .option('--rate <r>', 'learning rate', Number, 1e-3)
  .option('--batch-size <n>', 'sessions an update', count, 128)
  .option('--patience <n>', 'epochs without a better validation after which a case ends', count, 10)
  .option('--threads <n>', 'of the runtime', count, availableParallelism())
  .option('--only <cases...>', `of ${Object.keys(cases).join('; ')}`)
const { from, epochs, maxLength, rate, batchSize, patience, threads, only } = program.parse().opts<Flags>()
const parts = await movielens(join(from, MOVIELENS))
const { schema } = parts.fitted
const runtime = nodeRuntime({ threads })
const rows: string[][] = []
for (const [name, options] of Object.entries(cases)) {
  if (only !== undefined && !only.includes(name)) continue
  const made = model(schema, {
    masking: causal(),
    block: sasrec({ width: 64, layers: 2, heads: 2, dropout: 0.2 }),
    heads: [nextItem(options)],
    maxLength,
  })
  const { ndcg, error, recall, epoch, secondsAnEpoch } = await measure(name, made, parts, {
    runtime,
    epochs,
    batchSize,
    patience,
    optimizer: { learningRate: rate },
  })
  rows.push([
    name,
    ndcg.toFixed(4),
    `± ${error.toFixed(4)}`,
    recall.toFixed(4),
    String(epoch),
    secondsAnEpoch.toFixed(1),
  ])
}
console.log(table(['loss', 'NDCG@10', 'error', 'recall@10', 'best epoch', 's an epoch'], rows))
console.log(
  `MovieLens 1M, ${epochs} epochs at most, the best by validation; SASRec of width 64, the latest ${maxLength} events`,
)
