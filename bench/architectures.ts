import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import { blockKinds, blockOfKind, blockOptions, type UncheckedOptions } from '../src/blocks/index.ts'
import { table } from '../src/cli/output.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { nextItem, type NextItemOptions } from '../src/heads/index.ts'
import { maskingOfKind } from '../src/masking/index.ts'
import { model } from '../src/model.ts'
import { count } from './flags.ts'
import { measure, MOVIELENS, movielens, PROTOCOL, type Measured } from './movielens.ts'

/** What architectures are worth: each on MovieLens 1M with the same budget, its dropout, rate and epoch chosen by validation. */
interface Flags {
  readonly data: string
  readonly epochs: number
  readonly patience: number
  readonly maxLength: number
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly dropout: readonly number[]
  readonly rate: readonly number[]
  readonly decay: 'constant' | 'linear' | 'cosine'
  readonly warmup: number
  readonly batchSize: number
  readonly threads: number
  readonly results?: string
  readonly only?: readonly string[]
}

interface Case {
  readonly block: string
  readonly options?: UncheckedOptions
  readonly head?: NextItemOptions
}

/** Every block as it is, and those that are published with a loss of their own. */
const cases: Readonly<Record<string, Case>> = {
  ...Object.fromEntries(blockKinds.map((block) => [block, { block }])),
  'hstu without times': { block: 'hstu', options: { times: false } },
  'eSASRec: ligr, sampled softmax': { block: 'ligr', head: { loss: 'sampled-softmax', negatives: 256 } },
}

interface Result extends Measured {
  readonly name: string
  readonly setting: string
  readonly dropout: number
  readonly rate: number
}

const numbers = (text: string): readonly number[] => text.split(',').map(Number)
const program = new Command('bench:architectures')
  .description(`${PROTOCOL} by architecture`)
  .option('--data <path>', 'events with their times', MOVIELENS)
  .option('--epochs <n>', 'of each', count, 30)
  .option('--patience <n>', 'epochs without a better validation after which a case ends', count, 5)
  .option('--max-length <n>', 'latest events that are read', count, 50)
  .option('--width <n>', 'of items and states', count, 64)
  .option('--layers <n>', 'of the block', count, 2)
  .option('--heads <n>', 'of attention', count, 2)
  .option('--dropout <p,p>', 'tried one after the other', numbers, [0.2])
  .option('--rate <r,r>', 'learning rates, tried with each dropout', numbers, [1e-3])
  .addOption(
    new Option('--decay <kind>', 'how the learning rate falls over the epochs')
      .choices(['constant', 'linear', 'cosine'])
      .default('linear'),
  )
  .option('--warmup <n>', 'updates over which the learning rate rises', Number, 100)
  .option('--batch-size <n>', 'sessions an update', count, 32)
  .option('--threads <n>', 'of the runtime', count, availableParallelism())
  .option('--results <file>', 'lines of JSON that results are added to, and taken from where they are there')
  .option('--only <cases...>', `of ${Object.keys(cases).join('; ')}`)
const flags = program.parse().opts<Flags>()
const parts = await movielens(flags.data)
const { schema } = parts.fitted
const runtime = nodeRuntime({ threads: flags.threads })
const { epochs, maxLength, width, layers, heads, batchSize, decay, warmup } = flags
const setting = JSON.stringify({ epochs, maxLength, width, layers, heads, batchSize, decay, warmup })
const known = earlier(flags.results)
const rows: Result[] = []
for (const [name, each] of Object.entries(cases)) {
  if (flags.only !== undefined && !flags.only.includes(name)) continue
  const tried: Result[] = []
  for (const dropout of flags.dropout)
    for (const rate of flags.rate) {
      const before = known.find(
        (one) => one.name === name && one.setting === setting && one.dropout === dropout && one.rate === rate,
      )
      const result = before ?? (await run(name, each, dropout, rate))
      if (before === undefined && flags.results !== undefined)
        appendFileSync(flags.results, `${JSON.stringify(result)}\n`)
      tried.push(result)
    }
  rows.push(tried.reduce((best, one) => (one.validation > best.validation ? one : best)))
}
console.log(
  table(
    ['block', 'NDCG@10', 'error', 'recall@10', 'validation', 'dropout', 'rate', 'best epoch', 's an epoch'],
    rows
      .sort((left, right) => right.ndcg - left.ndcg)
      .map((row) => [
        row.name,
        row.ndcg.toFixed(4),
        `± ${row.error.toFixed(4)}`,
        row.recall.toFixed(4),
        row.validation.toFixed(4),
        String(row.dropout),
        String(row.rate),
        String(row.epoch),
        row.secondsAnEpoch.toFixed(1),
      ]),
  ),
)
console.log(`MovieLens 1M, ${setting}; the epoch, the dropout and the rate that are best in validation`)

function earlier(file: string | undefined): readonly Result[] {
  if (file === undefined || !existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Result)
}

async function run(
  name: string,
  { block, options, head }: Case,
  dropout: number,
  rate: number,
): Promise<Result> {
  const own = Object.fromEntries(
    Object.entries({ width, layers, heads, dropout }).filter(([option]) =>
      blockOptions(block).includes(option),
    ),
  )
  const made = blockOfKind(block, { ...own, ...options })
  const whole = model(schema, {
    masking: maskingOfKind(made.supports[0]!),
    block: made,
    heads: [nextItem(head)],
    maxLength,
  })
  const measured = await measure(`${name}, dropout ${dropout}, rate ${rate}`, whole, parts, {
    runtime,
    epochs,
    batchSize,
    patience: flags.patience,
    optimizer: { learningRate: rate },
    schedule: { decay, warmup },
  })
  return { name, setting, dropout, rate, ...measured }
}
