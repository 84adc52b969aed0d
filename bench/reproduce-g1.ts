import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { table } from '../src/cli/output.ts'
import { duration } from '../src/cli/progress.ts'
import { nodeRuntime } from '../src/graph/node.ts'
import { runFolder, windowsEvaluation, writeEvaluation } from '../src/runs/index.ts'
import { fitAndEvaluate, type WindowRecord } from '../src/train/index.ts'
import { published, type Published } from './data/g1-published.ts'
import { g1Windows, type Half, type Vocabulary } from './data/g1-windows.ts'
import { count, note } from './flags.ts'

/**
 * G1 news by the protocol of Transformers4Rec's paper (RecSys 2021, section 4.3): trained on each hour, tested on the last event of the sessions of the next one, all items ranked, averaged over the hours.
 * It goes on from where it was ended.
 */
interface Flags {
  readonly model: keyof typeof published
  readonly folder: string
  readonly run?: string
  readonly checkpoint?: string
  readonly commit?: string
  readonly half: Half
  readonly hours?: number
  readonly vocabulary: Vocabulary
  readonly epochs: number
  readonly threads: number
  readonly rate?: number
  readonly batchSize?: number
  readonly width?: number
  readonly itemWidth?: number
  readonly layers?: number
  readonly heads?: number
  readonly smoothing?: number
  readonly deviation?: number
  readonly inputDropout?: number
  readonly probability?: number
  readonly negatives?: number
  readonly seed: number
}

const program = new Command('reproduce:g1')
  .description("Transformers4Rec's paper on G1 news, hour by hour, beside what it reports")
  .addOption(new Option('--model <name>', 'which one').choices(Object.keys(published)).makeOptionMandatory())
  .option('--folder <folder>', 'what `ensuite data g1` wrote', 'data/g1')
  .option('--run <folder>', 'where the run is written down (runs/g1-<model> unless given)')
  .option('--checkpoint <folder>', 'where the checkpoint is (`checkpoint` in that of --run unless given)')
  .option('--commit <name>', 'of the code, for the run folder')
  .addOption(
    new Option('--half <half>', 'of the sessions of an hour that is tested on')
      .choices(['valid', 'test'])
      .default('test'),
  )
  .addOption(
    new Option(
      '--vocabulary <which>',
      'items that have a row: all of the log from the start, or those seen so far',
    )
      .choices(['all', 'seen'])
      .default('seen'),
  )
  .option('--hours <n>', 'the first so many; default all 381', count)
  .option('--epochs <n>', 'over each hour', count, 10)
  .option('--threads <n>', 'of the runtime', count, availableParallelism())
  .option('--seed <n>', 'start of all random draws', count, 1)
  .option('--rate <r>', 'learning rate, in place of the published one', Number)
  .option('--batch-size <n>', 'in place of the published one', count)
  .option('--width <n>', 'in place of the published one', count)
  .option('--item-width <n>', 'in place of the published one', count)
  .option('--layers <n>', 'in place of the published one', count)
  .option('--heads <n>', 'in place of the published one', count)
  .option('--smoothing <share>', 'of labels, in place of the published one', Number)
  .option('--deviation <d>', "of the tables' starting values, in place of the published one", Number)
  .option('--input-dropout <p>', 'of what is read, in place of the published one', Number)
  .option(
    '--probability <p>',
    'share of events that an XLNet is not shown, in place of the published one',
    Number,
  )
  .option('--negatives <n>', 'items drawn for each batch, in place of a softmax over all', count)
const flags = program.parse().opts<Flags>()
const { folder, half, hours, epochs, threads, seed } = flags
const { title, paper, build, sides = false, ...settings }: Published = published[flags.model]
if (flags.probability !== undefined && !flags.model.startsWith('xlnet'))
  program.error(`--probability is of the XLNet models. Leave it out with --model ${flags.model}.`)
if (flags.heads !== undefined && flags.model === 'gru')
  program.error('--heads is of attention. Leave it out with --model gru.')
if (flags.smoothing !== undefined && flags.negatives !== undefined)
  program.error('--smoothing is of a softmax over all items. Leave it out with --negatives.')
note(`${title}: reading ${folder} …`)
const { windows, schemaOf } = await g1Windows({ folder, half, hours, sides, vocabulary: flags.vocabulary })
const started = performance.now()
const records: WindowRecord[] = []
const { run = join('runs', `g1-${flags.model}`), commit } = flags
const { windows: done, average } = await fitAndEvaluate((hour) => build(schemaOf(hour), flags), windows, {
  runtime: nodeRuntime({ threads }),
  epochs,
  seed,
  batchSize: flags.batchSize ?? settings.batchSize,
  optimizer: { learningRate: flags.rate ?? settings.rate, weightDecay: settings.weightDecay },
  schedule: { decay: 'linear' },
  ks: [20],
  // As in the paper, all items are ranked; no session of G1 has an item twice.
  filterSeen: false,
  checkpoint: { folder: flags.checkpoint ?? join(run, 'checkpoint'), resume: true, everySeconds: 600 },
  callbacks: [
    runFolder(run, {
      ...{ name: title, settings: { ...settings, half, hours, sides, flags } },
      ...(commit !== undefined && { commit }),
    }),
    {
      onWindow: (record) => {
        records.push(record)
        const at = windows.findIndex(({ name }) => name === record.window) + 1
        const perHour = (performance.now() - started) / 1000 / records.length
        const { ndcg, hr } = figuresOf(record.metrics)
        note(
          `hour ${at} of ${windows.length}: NDCG@20 ${ndcg}, HR@20 ${hr}, loss ${record.loss?.toFixed(3) ?? '-'}, ${record.seconds.toFixed(1)} s; ${duration(perHour * (windows.length - at))} left`,
        )
      },
    },
  ],
})
await writeEvaluation(run, windowsEvaluation(done, { evaluatedAt: new Date() }))
const seconds = done.reduce((sum, record) => sum + record.seconds, 0)
const own = figuresOf(average)
console.log(
  table(
    ['', 'NDCG@20', 'HR@20', 'hours', 'took'],
    [
      [
        `${title}, ours`,
        own.ndcg,
        own.hr,
        String(done.filter(({ metrics }) => metrics).length),
        duration(seconds),
      ],
      ['the paper', paper.ndcg.toFixed(4), paper.hr.toFixed(4), '380', ''],
    ],
  ),
)

function figuresOf(metrics: Readonly<Record<string, number>> = {}): {
  readonly ndcg: string
  readonly hr: string
} {
  const [ndcg, hr] = [metrics['ndcg@20'], metrics['recall@20']]
  return { ndcg: ndcg?.toFixed(4) ?? '-', hr: hr?.toFixed(4) ?? '-' }
}
