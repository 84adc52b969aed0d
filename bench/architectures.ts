import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import {
  blockKinds,
  blockOfKind,
  blockOptions,
  type Block,
  type UncheckedOptions,
} from '../src/blocks/index.ts'
import { table } from '../src/cli/output.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { nextItem, type NextItemOptions } from '../src/heads/index.ts'
import { maskingOfKind } from '../src/masking/index.ts'
import { model } from '../src/model.ts'
import type { MaskingKind } from '../src/masking/index.ts'
import { count, note } from './flags.ts'
import { sideData } from './data/side-data.ts'
import { measure, type Measured, type Parts } from './measure.ts'
import { MOVIELENS, movielens } from './movielens.ts'

const logs = ['movielens', 'clothing'] as const

/** What architectures are worth: each on one log by ids alone with the same budget, its dropout, rate and epoch chosen by validation. */
interface Flags {
  readonly data: (typeof logs)[number]
  readonly from: string
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
  .description('NDCG@10 of the last event, by full ranking, by architecture')
  .addOption(new Option('--data <name>', 'which log').choices(logs).default('movielens'))
  .option('--from <folder>', 'where the data is', '../shared/data')
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
const { parts, items, filterSeen, hasTimes } = await log(flags)
const schema = { items, categorical: {}, continuous: [] }
const runtime = nodeRuntime({ threads: flags.threads })
const { epochs, maxLength, width, layers, heads, batchSize, decay, warmup } = flags
const setting = JSON.stringify({
  ...(flags.data !== 'movielens' && { data: flags.data }),
  epochs,
  maxLength,
  width,
  layers,
  heads,
  batchSize,
  decay,
  warmup,
})
const known = earlier(flags.results)
const rows: Result[] = []
for (const [name, each] of Object.entries(cases)) {
  if (flags.only !== undefined && !flags.only.includes(name)) continue
  if (!hasTimes && blockOf(each, {}).readsTimes === true) {
    note(`Without ${name}: it reads times, and ${flags.data} has none.`)
    continue
  }
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
console.log(`${flags.data}, ${setting}; the epoch, the dropout and the rate that are best in validation`)

interface Log {
  readonly parts: Parts
  readonly items: number
  readonly filterSeen: boolean
  readonly hasTimes: boolean
}

async function log({ data, from }: Flags): Promise<Log> {
  if (data === 'clothing') {
    const { schema, parts, filterSeen } = await sideData('clothing', from)
    return { parts, items: schema.items, filterSeen, hasTimes: false }
  }
  const { fitted, ...parts } = await movielens(join(from, MOVIELENS))
  return { parts, items: fitted.schema.items, filterSeen: true, hasTimes: true }
}

function earlier(file: string | undefined): readonly Result[] {
  if (file === undefined || !existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Result)
}

/** The block of a case, with the options that it has of those that all share. */
function blockOf({ block, options }: Case, more: { readonly dropout?: number }): Block<MaskingKind> {
  const shared = Object.entries({ width, layers, heads, ...more })
  const own = shared.filter(([option]) => blockOptions(block).includes(option))
  return blockOfKind(block, { ...Object.fromEntries(own), ...options })
}

async function run(name: string, each: Case, dropout: number, rate: number): Promise<Result> {
  const made = blockOf(each, { dropout })
  const whole = model(schema, {
    masking: maskingOfKind(made.supports[0]!),
    block: made,
    heads: [nextItem(each.head)],
    maxLength,
  })
  const measured = await measure(`${name}, dropout ${dropout}, rate ${rate}`, whole, parts, {
    runtime,
    epochs,
    batchSize,
    filterSeen,
    patience: flags.patience,
    optimizer: { learningRate: rate },
    schedule: { decay, warmup },
  })
  return { name, setting, dropout, rate, ...measured }
}
