import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import { markov } from '../src/baselines/index.ts'
import { blockKinds, blockOfKind, blockOptions, type BlockKind } from '../src/blocks/index.ts'
import { table } from '../src/cli/output.ts'
import { selectSessions } from '../src/data/index.ts'
import { evaluateRanking, modelScorer, type RankingResult } from '../src/evaluate/index.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { nextItem } from '../src/heads/index.ts'
import { causal } from '../src/masking/index.ts'
import { model } from '../src/model.ts'
import { RESERVED } from '../src/codes.ts'
import { train } from '../src/train/index.ts'
import { sessionLog } from './data/session-logs.ts'
import { count, note } from './flags.ts'

/** Diginetica as GCE-GNN divides it: P@20 (whether the item is among the first 20: recall@20) and MRR@20 of every prefix of the last week, beside what others publish on the same files. */
interface Flags {
  readonly from: string
  readonly block: BlockKind
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly dropout: number
  readonly inputDropout: number
  readonly smoothing: number
  readonly similarity: 'dot' | 'cosine'
  readonly temperature: number
  readonly validation: number
  readonly rate: number
  readonly weightDecay: number
  readonly decay: 'linear' | 'cosine'
  readonly warmup: number
  readonly batchSize: number
  readonly maxLength: number
  readonly epochs: number
  readonly patience: number
  readonly checkpoint?: string
  readonly threads: number
  readonly seed: number
}

const program = new Command('bench:diginetica')
  .description('P@20 and MRR@20 on the files of GCE-GNN')
  .option('--from <folder>', 'where the data is', '../shared/data')
  .addOption(new Option('--block <kind>', 'that processes events').choices(blockKinds).default('gru'))
  .option('--width <n>', 'of items and states', count, 128)
  .option('--layers <n>', 'of the block', count, 1)
  .option('--heads <n>', 'of attention', count, 2)
  .option('--dropout <p>', 'of the block', Number, 0.25)
  .option('--input-dropout <p>', 'of the items', Number, 0.25)
  .option('--smoothing <share>', 'of labels', Number, 0)
  .addOption(
    new Option('--similarity <kind>', 'of states and items').choices(['dot', 'cosine']).default('cosine'),
  )
  .option('--temperature <t>', 'of the scores', Number, 0.07)
  .option(
    '--validation <share>',
    'of the training log, its latest part, that chooses the epoch; with 0 all is trained on, and the last epoch counts',
    Number,
    0.05,
  )
  .option('--rate <r>', 'learning rate', Number, 3e-3)
  .option('--weight-decay <r>', 'of everything but biases and norms', Number, 0)
  .addOption(new Option('--decay <kind>', 'of the rate').choices(['linear', 'cosine']).default('linear'))
  .option('--warmup <n>', 'updates over which the rate rises', Number, 0)
  .option('--batch-size <n>', 'sessions an update', count, 192)
  .option('--max-length <n>', 'latest events that are read', count, 20)
  .option('--epochs <n>', 'at most', count, 7)
  .option('--patience <n>', 'epochs without a better validation', count, 3)
  .option('--checkpoint <folder>', 'that a run goes on from')
  .option('--threads <n>', 'of the runtime', count, availableParallelism())
  .option('--seed <n>', 'start of all random draws', count, 1)
const flags = program.parse().opts<Flags>()

if (flags.validation === 0 && program.getOptionValueSource('patience') === 'cli')
  program.error('--patience is of a validation. Leave it out with --validation 0.')

const { windows, items } = sessionLog('diginetica', flags.from)
const [log, test] = windows as [(typeof windows)[number], (typeof windows)[number]]
// The file is in the order of time: its end is nearest to what is tested on.
const split = Math.round(log.count * (1 - flags.validation))
const range = (from: number, to: number): Int32Array =>
  Int32Array.from({ length: to - from }, (_, at) => from + at)
const validation = selectSessions(log, range(split, log.count))
const { width, layers, heads, dropout, maxLength } = flags
const settings = { width, layers, heads, dropout, maxLength }
const made = model(
  { items: items + RESERVED, categorical: {}, continuous: [] },
  {
    inputs: { dropout: flags.inputDropout },
    masking: causal(),
    block: blockOfKind(
      flags.block,
      Object.fromEntries(
        Object.entries(settings).filter(([name]) => blockOptions(flags.block).includes(name)),
      ),
    ),
    heads: [
      nextItem({
        labelSmoothing: flags.smoothing,
        similarity: flags.similarity,
        temperature: flags.temperature,
      }),
    ],
    maxLength,
  },
)
const runtime = nodeRuntime({ threads: flags.threads })
const options = { ks: [20], filterSeen: false } as const
const started = performance.now()
const { weights, best } = await train(made, selectSessions(log, range(0, split)), {
  ...{ runtime, epochs: flags.epochs, batchSize: flags.batchSize, seed: flags.seed },
  ...(validation.count > 0 && { validation, ...options, metric: 'recall@20', patience: flags.patience }),
  optimizer: { learningRate: flags.rate, weightDecay: flags.weightDecay },
  schedule: { decay: flags.decay, warmup: flags.warmup },
  ...(flags.checkpoint !== undefined && { checkpoint: { folder: flags.checkpoint, resume: true } }),
  callbacks: [
    {
      onEpoch: ({ epoch, loss, validation: own, seconds }) =>
        note(
          `epoch ${epoch}: loss ${loss.toFixed(3)}, ${own ? `validation P@20 ${own['recall@20']!.toFixed(4)} MRR@20 ${own['mrr@20']!.toFixed(4)}, ` : ''}${seconds.toFixed(0)} s`,
        ),
    },
  ],
})
const minutes = (performance.now() - started) / 60_000
const scorer = await modelScorer(made, runtime, weights)
const own = await evaluateRanking(scorer, test, options)
await scorer.close()
const floor = await evaluateRanking(markov().fit(log, { items }), test, options)
const row = (name: string, result: RankingResult, note: string): readonly string[] => [
  name,
  ...(['recall@20', 'mrr@20'] as const).map(
    (metric) => `${result[metric]!.toFixed(4)} ± ${result.standardErrors[metric]!.toFixed(4)}`,
  ),
  note,
]
console.log(
  table(
    ['Diginetica, 60,858 prefixes', 'P@20', 'MRR@20', ''],
    [
      row(
        `ours: ${flags.block}, width ${width}`,
        own,
        `epoch ${best?.epoch ?? flags.epochs}, ${minutes.toFixed(0)} minutes`,
      ),
      row('Markov chain, ours', floor, 'the floor'),
      ['GRU4Rec', '.50', '.154', 'published'],
      ['SR-GNN', '.5073', '.1759', 'published'],
      ['GCE-GNN', '.5422', '.1904', 'published'],
    ],
  ),
)
