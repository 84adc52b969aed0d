import { availableParallelism } from 'node:os'
import { existsSync } from 'node:fs'
import { Command, Option } from 'commander'
import { blockOfKind } from '../src/blocks/index.ts'
import { table } from '../src/cli/output.ts'
import { RESERVED } from '../src/codes.ts'
import { evaluateRanking, modelScorer } from '../src/evaluate/index.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { nextItem } from '../src/heads/index.ts'
import type { InputOptions } from '../src/inputs/index.ts'
import { maskingOfKind } from '../src/masking/index.ts'
import { model } from '../src/model.ts'
import { train } from '../src/train/index.ts'
import { count, note } from './flags.ts'
import { sideData, sideDataNames, type SideData } from './data/side-data.ts'
import { mean } from './statistics.ts'

/** Whether side features help: the same model with ids alone and with all features, some seeds each. */
interface Flags {
  readonly data: (typeof sideDataNames)[number]
  readonly from: string
  readonly seeds: number
  readonly epochs: number
  readonly patience: number
  readonly width: number
  readonly layers: number
  readonly dropout: number
  readonly rate: number
  readonly block: string
  readonly masking: string
  readonly inputs: InputOptions
  readonly negatives?: number
}

const json = (text: string): InputOptions => JSON.parse(text) as InputOptions
const program = new Command('bench:side-information')
  .description('NDCG@10 of the last event, by full ranking, with ids alone and with side features')
  .addOption(new Option('--data <name>', 'which log').choices(sideDataNames).default('clothing'))
  .option('--from <folder>', 'where the data is', '../shared/data')
  .option('--seeds <n>', 'runs of each', count, 3)
  .option('--epochs <n>', 'at most', count, 30)
  .option('--patience <n>', 'epochs without a better validation', count, 5)
  .option('--width <n>', 'of items and states', count, 64)
  .option('--layers <n>', 'of the block', count, 2)
  .option('--dropout <p>', 'of the block', Number, 0.3)
  .option('--rate <r>', 'learning rate', Number, 1e-3)
  .option('--block <kind>', 'gpt2, sasrec, bert or xlnet', 'sasrec')
  .option('--masking <kind>', 'causal, masked, permuted or replaced', 'causal')
  .option('--inputs <json>', 'how side features are taken in', json, { layerNorm: true, continuous: 'soft' })
program.option('--negatives <n>', 'sampled softmax with so many, in place of the full one', count)
const flags = program.parse().opts<Flags>()
if (!existsSync(flags.from))
  program.error(`error: There is no ${flags.from}. Name the folder with --from.`, { exitCode: 2 })

const runtime = nodeRuntime({ threads: availableParallelism() })
const data = await sideData(flags.data, flags.from)
const seeds = Array.from({ length: flags.seeds }, (_, at) => at + 1)
const rows: string[][] = []
const means: number[] = []
for (const [name, sides] of [
  ['ids alone', false],
  ['with features', true],
] as const) {
  const results: { readonly test: number; readonly validation: number }[] = []
  for (const seed of seeds) {
    results.push(await ndcg(data, sides, seed))
    note(
      `${name}, seed ${seed}: test ${results.at(-1)!.test.toFixed(4)}, validation ${results.at(-1)!.validation.toFixed(4)}`,
    )
  }
  const test = results.map((each) => each.test)
  means.push(mean(test))
  rows.push([
    name,
    mean(test).toFixed(4),
    `${Math.min(...test).toFixed(4)} to ${Math.max(...test).toFixed(4)}`,
    mean(results.map((each) => each.validation)).toFixed(4),
  ])
}
console.log(table(['inputs', 'NDCG@10', `of ${seeds.length} seeds`, 'validation'], rows))
console.log(
  `${flags.data}, ${flags.block}, ${flags.masking}: features ${((100 * means[1]!) / means[0]! - 100).toFixed(1)} % over ids alone`,
)

async function ndcg({ schema, parts, lists, filterSeen }: SideData, sides: boolean, seed: number) {
  const none = { ...schema, categorical: {}, continuous: [] }
  const { width, layers, dropout, negatives } = flags
  const made = model(sides ? schema : none, {
    ...(sides && { inputs: { lists, ...flags.inputs } }),
    masking: maskingOfKind(flags.masking),
    block: blockOfKind(flags.block, { width, layers, heads: 2, dropout }),
    heads: [nextItem(negatives === undefined ? {} : { loss: 'sampled-softmax', negatives })],
    maxLength: 50,
  })
  const { weights, best } = await train(made, parts.train, {
    runtime,
    validation: parts.validation,
    filterSeen,
    epochs: flags.epochs,
    patience: flags.patience,
    seed,
    optimizer: { learningRate: flags.rate },
    callbacks: [
      {
        onEpoch: ({ epoch, loss, seconds, validation }) => {
          note(
            `  epoch ${epoch} loss ${loss.toFixed(3)} ndcg@10 ${validation!['ndcg@10']!.toFixed(4)} ${seconds.toFixed(1)} s`,
          )
        },
      },
    ],
  })
  const scorer = await modelScorer(made, runtime, weights)
  const options = { items: schema.items - RESERVED, maxLength: 50, ks: [10], filterSeen }
  const result = await evaluateRanking(scorer, parts.test, options)
  await scorer.close()
  return { test: result['ndcg@10']!, validation: best!.metric }
}
