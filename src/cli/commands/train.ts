import { Command, Option } from 'commander'
import { blockKinds, blockOfKind } from '../../blocks/index.ts'
import { nodeRuntime } from '../../graph/node.ts'
import type { Device } from '../../graph/index.ts'
import { EnsuiteError } from '../../errors.ts'
import { FUNCTIONS_OPTION, functionsOf } from '../read-functions.ts'
import { createOutput, protocolLine, rankingTable, type Output } from '../output.ts'
import { eventSource, list, number, numbers, type SourceFlags } from '../parse.ts'
import { duration } from '../progress.ts'
import { chooseWorkflow, type WorkflowFlags } from '../choose-workflow.ts'
import { sourceOptions } from '../source-options.ts'
import { chosenSplit, splitHelp, splitOptions, type SplitFlags } from '../split-options.ts'
import { isPrepared, type TrainingInput } from '../training-data.ts'
import { runTraining } from '../training-run.ts'

interface Flags extends SourceFlags, WorkflowFlags, SplitFlags {
  readonly learnFrom: 'training' | 'all'
  readonly block: string
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly maxLength: number
  readonly dropout: number
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly weightDecay: number
  readonly schedule: 'constant' | 'linear' | 'cosine'
  readonly warmup: number
  readonly labelSmoothing: number
  readonly clipNorm: number
  readonly lengthPool: number
  readonly seed: number
  readonly patience: number
  readonly k?: readonly number[]
  readonly keepSeen: boolean
  readonly checkpointSeconds: number
  readonly resume: boolean
  readonly device: Device
  readonly threads?: number
  readonly out: string
  readonly json: boolean
}

const EXAMPLES = `
Examples:
  $ ensuite train clicks.csv --out artifacts/shop                           (columns are guessed, and shown)
  $ ensuite train prepared --out artifacts/shop                             (what ensuite prepare wrote)
  $ ensuite train clicks.csv --session session_id --item item_id --time timestamp --out artifacts/shop
  $ ensuite train ratings.txt.gz --no-header --columns user,item --delimiter ' ' --session user --item item \\
      --max-length 200 --epochs 100 --out artifacts/films
  $ ensuite train events/ --session sid --item sku --categorical brand --categorical colour --split time --time ts --out artifacts/shop

A run that was ended goes on with the same command and --resume.`

/** `ensuite train`: from a file of events, or a prepared folder, to an artifact. */
export function trainCommand(): Command {
  const command = sourceOptions(
    new Command('train').description('train a model on a log of events and save it as an artifact'),
  )
  return splitOptions(command, 'leave-one-out unless given')
    .option('--session <column>', 'column of the session or user; guessed unless given')
    .option('--item <column>', 'column of the item; guessed unless given')
    .option('--time <column>', 'column of the time; without it the order of the file counts')
    .option('--config <file>', 'a workflow instead of columns, as for ensuite prepare')
    .option(
      '--categorical <column>',
      'a side feature of the event; may be given several times',
      (column: string, before: readonly string[] | undefined) => [...(before ?? []), ...list(column)],
    )
    .option('--min-count <n>', 'items with fewer events are unknown', number, 1)
    .addOption(
      new Option('--learn-from <events>', 'what vocabularies and statistics are learnt from')
        .choices(['training', 'all'])
        .default('training'),
    )
    .option('--block <kind>', blockKinds.join(' or '), 'sasrec')
    .option('--width <n>', 'size of the embeddings and hidden states', number, 64)
    .option('--layers <n>', 'layers of the block', number, 2)
    .option('--heads <n>', 'attention heads', number, 2)
    .option('--max-length <n>', 'latest events of a session that the model reads', number, 50)
    .option('--dropout <p>', 'dropout in training', number, 0.2)
    .option('--epochs <n>', 'most passes over the sessions', number, 100)
    .option('--batch-size <n>', 'sessions an update', number, 128)
    .option('--learning-rate <rate>', 'of AdamW', number, 1e-3)
    .option('--weight-decay <rate>', 'of AdamW, on all but biases and norms', number, 0.01)
    .option('--clip-norm <norm>', 'largest norm of the gradient', number, 1)
    .option(
      '--schedule <kind>',
      'how the learning rate falls to 0 over the epochs: constant, linear or cosine',
      'constant',
    )
    .option('--warmup <updates>', 'updates over which the learning rate rises', number, 0)
    .option('--label-smoothing <share>', 'share of the target spread over all items', number, 0)
    .option('--length-pool <n>', 'batches of sessions sorted by length together; 1 for none', number, 1)
    .option('--seed <n>', 'start of all random draws', number, 1)
    .option('--patience <epochs>', 'stop after so many epochs without a better validation', number, 10)
    .option(
      '-k, --k <list>',
      'cutoffs of the metrics (10,20 unless given); the first one chooses the best epoch',
      numbers,
    )
    .option('--keep-seen', 'rank items that the session has already had, too', false)
    .option('--checkpoint-seconds <s>', 'seconds between checkpoints inside an epoch', number, 60)
    .option('--resume', 'go on from the last checkpoint of the same command', false)
    .option('--device <name>', 'cpu, cuda, webgpu, coreml or directml', 'cpu')
    .option('--threads <n>', 'threads of one run; all cores unless given', number)
    .requiredOption('--out <folder>', 'where the artifact is written')
    .option(...FUNCTIONS_OPTION)
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText('after', `${splitHelp}\n${EXAMPLES}`)
    .action(async (events: readonly string[], flags: Flags) => {
      const output = createOutput(flags)
      process.once('SIGINT', () => {
        output.note(`\nInterrupted. Go on from the last checkpoint with the same command and --resume.`)
        process.exit(130)
      })
      const { seed } = flags
      const runtime = nodeRuntime({
        device: flags.device,
        ...(flags.threads !== undefined && { threads: flags.threads }),
      })
      const outcome = await runTraining(
        {
          input: await trainingInput(events, flags, output),
          block: blockOfKind(flags.block, {
            width: flags.width,
            layers: flags.layers,
            heads: flags.heads,
            dropout: flags.dropout,
          }),
          maxLength: flags.maxLength,
          labelSmoothing: flags.labelSmoothing,
          ...(flags.k && { ks: flags.k }),
          filterSeen: !flags.keepSeen,
          resume: flags.resume,
          checkpointSeconds: flags.checkpointSeconds,
          out: flags.out,
          train: {
            epochs: flags.epochs,
            batchSize: flags.batchSize,
            seed,
            patience: flags.patience,
            lengthPool: flags.lengthPool,
            optimizer: {
              learningRate: flags.learningRate,
              weightDecay: flags.weightDecay,
              clipNorm: flags.clipNorm,
            },
            schedule: { decay: flags.schedule, warmup: flags.warmup },
          },
        },
        runtime,
        output,
      )
      const { test, trained, ks, seconds } = outcome
      const metrics = [`ndcg@${ks[0]!}`, `recall@${ks[0]!}`]
      output.result(
        {
          artifact: flags.out,
          seconds,
          epochs: trained.history.length,
          best: trained.best,
          test: { ...test.model, floors: test.floors, split: test.split },
        },
        () =>
          [
            rankingTable(
              { [flags.block]: test.model, markov: test.floors.markov, popularity: test.floors.popularity },
              metrics,
            ),
            `Test: ${protocolLine(test.model, test.split)}.`,
            `Trained ${trained.history.length} epochs in ${duration(seconds)}${trained.best ? `, best was ${trained.best.epoch}` : ''}. Saved to ${flags.out}`,
          ].join('\n'),
      )
    })
}

async function trainingInput(paths: readonly string[], flags: Flags, output: Output): Promise<TrainingInput> {
  const split = chosenSplit(flags, flags.seed)
  if (await isPrepared(paths)) {
    const columns = ['session', 'item', 'time', 'categorical', 'config'] as const
    const unused = columns.find((name) => flags[name] !== undefined)
    if (unused !== undefined)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `${paths[0]!} is prepared, its workflow is in it. Leave --${unused} out.`,
      )
    if (flags.minCount !== 1 || flags.learnFrom !== 'training')
      throw new EnsuiteError(
        'OPTION_INVALID',
        `${paths[0]!} is prepared, and what it learnt is in it. Leave --min-count and --learn-from out.`,
      )
    return { prepared: paths[0]!, ...(split && { split }), ...(await functionsOf(flags)) }
  }
  const source = eventSource(paths, flags)
  return {
    events: source,
    workflow: await chooseWorkflow(source, flags, output),
    split: split ?? { kind: 'leave-one-out' },
    learnFromAll: flags.learnFrom === 'all',
  }
}
