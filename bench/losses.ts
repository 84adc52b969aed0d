import { availableParallelism } from 'node:os'
import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { sasrec } from '../src/blocks/index.ts'
import { table } from '../src/cli/output.ts'
import { RESERVED } from '../src/codes.ts'
import { fitSplit } from '../src/data/index.ts'
import { evaluateRanking, modelScorer } from '../src/evaluate/index.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { nextItem, type NextItemOptions } from '../src/heads/index.ts'
import { causal } from '../src/masking/index.ts'
import { model } from '../src/model.ts'
import { train } from '../src/train/index.ts'
import { workflow } from '../src/workflow/index.ts'
import { count, note } from './flags.ts'

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
  readonly data: string
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
  .option('--data <path>', 'lines "user item" in time order', '../shared/data/ml-1m/ml-1m.txt.gz')
  .option('--epochs <n>', 'of each', count, 10)
  .option('--max-length <n>', 'latest events that are read', count, 50)
  .option('--rate <r>', 'learning rate', Number, 1e-3)
  .option('--batch-size <n>', 'sessions an update', count, 128)
  .option('--patience <n>', 'epochs without a better validation after which a case ends', count, 10)
  .option('--threads <n>', 'of the runtime', count, availableParallelism())
  .option('--only <cases...>', `of ${Object.keys(cases).join('; ')}`)
const { data, epochs, maxLength, rate, batchSize, patience, threads, only } = program.parse().opts<Flags>()
if (!existsSync(data))
  program.error(`error: There is no ${data}. Name the file with --data.`, { exitCode: 2 })

const source = { path: data, format: 'csv', columns: ['user', 'item'], delimiter: ' ' } as const
const parts = await fitSplit(workflow({ session: 'user', item: 'item' }), source, { kind: 'leave-one-out' })
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
  const { weights, history, best } = await train(made, parts.train, {
    runtime,
    epochs,
    batchSize,
    patience,
    validation: parts.validation,
    optimizer: { learningRate: rate },
    onEpoch: ({ epoch, loss, validation, seconds }) =>
      note(
        `${name}, epoch ${epoch}: loss ${loss.toFixed(3)}, ndcg@10 ${validation!['ndcg@10']!.toFixed(4)}, ${seconds.toFixed(1)} s`,
      ),
  })
  const scorer = await modelScorer(made, runtime, weights)
  const result = await evaluateRanking(scorer, parts.test, {
    items: schema.items - RESERVED,
    maxLength,
    ks: [10],
  })
  await scorer.close()
  const seconds = history.reduce((sum, epoch) => sum + epoch.seconds, 0) / history.length
  rows.push([
    name,
    result['ndcg@10']!.toFixed(4),
    `± ${result.standardErrors['ndcg@10']!.toFixed(4)}`,
    result['recall@10']!.toFixed(4),
    String(best!.epoch),
    seconds.toFixed(1),
  ])
}
console.log(table(['loss', 'NDCG@10', 'error', 'recall@10', 'best epoch', 's an epoch'], rows))
console.log(
  `MovieLens 1M, ${epochs} epochs at most, the best by validation; SASRec of width 64, the latest ${maxLength} events`,
)
