import { Command, Option } from 'commander'
import { nodeRuntime } from '../../graph/node.ts'
import type { Device } from '../../graph/index.ts'
import { EnsuiteError } from '../../errors.ts'
import { blockFrom } from '../block-from.ts'
import { chooseWorkflow, COLUMN_FLAGS, type WorkflowFlags } from '../choose-workflow.ts'
import type { Config } from '../config.ts'
import { headLines, headsTable } from '../heads-table.ts'
import { FUNCTIONS_OPTION, functionsOf } from '../read-functions.ts'
import { presetNames, publishedAs } from '../../presets/index.ts'
import { leakLine, lookForLeaks, type LeakOptions } from '../look-for-leaks.ts'
import { createOutput, protocolLine, rankingTable, type Output } from '../output.ts'
import { eventSource, list, number, type SourceFlags } from '../parse.ts'
import { duration } from '../progress.ts'
import { readConfig } from '../read-config.ts'
import { settleConfig } from '../settle-config.ts'
import { sourceOptions } from '../source-options.ts'
import { chosenSplit, splitHelp, splitOptions, type SplitFlags } from '../split-options.ts'
import { isPrepared, loadTrainingData, type TrainingInput } from '../training-data.ts'
import { runTraining } from '../training-run.ts'
import { givenSettings, trainingSettings } from '../training-settings.ts'
import { startingArtifact, warmConfig, type StartingArtifact } from '../warm-config.ts'

interface Flags extends SourceFlags, WorkflowFlags, SplitFlags {
  readonly learnFrom: 'training' | 'all'
  readonly checkpointSeconds: number
  readonly preset?: string
  readonly warmStart?: string
  readonly resume: boolean
  readonly device: Device
  readonly threads?: number
  readonly out?: string
  readonly check: boolean
  readonly strictLeakage: boolean
  readonly overwrite: boolean
  readonly json: boolean
}

const EXAMPLES = `
A config is JSON of what makes a model and its training; every section may be left out, and a flag goes before it:
  {
    "workflow": { "session": "sid", "item": "sku", … },
    "split": { "kind": "random" }, "learnFrom": "training",
    "model": {
      "inputs": { "aggregation": "sum" },
      "masking": { "kind": "masked", "options": { "probability": 0.3 } },
      "block": { "kind": "bert", "options": { "width": 64, "layers": 2, "heads": 2 } },
      "heads": [{ "kind": "next-item", "options": { "loss": "gbce" } }],
      "maxLength": 50
    },
    "train": { "epochs": 20, "batchSize": 128, "optimizer": { "learningRate": 0.001 } }
  }
\`ensuite inspect ARTIFACT --json\` prints that of an artifact. A module (.mjs, .js or .ts) exports it as \`config\`, or a workflow alone as \`workflow\`.

Examples:
  $ ensuite train clicks.csv --out artifacts/shop                           (columns are guessed, and shown)
  $ ensuite train prepared --out artifacts/shop                             (what ensuite prepare wrote)
  $ ensuite train clicks.csv --session session_id --item item_id --time timestamp --out artifacts/shop
  $ ensuite train ratings.txt.gz --no-header --columns user,item --delimiter ' ' --session user --item item \\
      --max-length 200 --epochs 100 --out artifacts/films
  $ ensuite train clicks.csv --block xlnet --masking masked --mask-probability 0.3 --loss gbce --negatives 512 --out artifacts/shop
  $ ensuite train clicks.csv --preset gru4rec --width 100 --out artifacts/shop   (as published, but for the width)
  $ ensuite train clicks.csv --config shop.json --epochs 20 --out artifacts/shop   (the config, but for the epochs)
  $ ensuite train events/ --session sid --item sku --categorical brand --categorical colour --split time --time ts --out artifacts/shop

  $ ensuite train newer.csv --warm-start artifacts/shop --out artifacts/shop --overwrite   (as it was trained, from its weights, in its place)

A run that was ended goes on with the same command and --resume.`

const several = (column: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...list(column),
]

/** `ensuite train`: from a file of events, or a prepared folder, to an artifact. */
export function trainCommand(): Command {
  const command = sourceOptions(
    new Command('train')
      .description('train a model on a log of events and save it as an artifact')
      .optionsGroup('Events:'),
  )
    .optionsGroup('Columns:')
    .option('--session <column>', 'column of the session or user; guessed unless given')
    .option('--item <column>', 'column of the item; guessed unless given')
    .option('--time <column>', 'column of the time; without it the order of the file counts')
    .option('--categorical <column>', 'a side feature of the event; may be given several times', several)
    .option(
      '--continuous <column>',
      'a number of the event, normalised on what is learnt from; may be given several times',
      several,
    )
    .option('--min-count <n>', 'items with fewer events are unknown', number, 1)
    .optionsGroup('Config:')
    .option('--config <file>', 'workflow, model and training in one file (see below); or a workflow alone')
    .addOption(
      new Option('--preset <name>', 'model and training as published; flags go before it').choices(
        presetNames,
      ),
    )
    .option(
      '--warm-start <artifact>',
      'go on from its weights: its codes stay, new items get their own; what neither flags nor a config say is as it was trained',
    )
    .option(...FUNCTIONS_OPTION)
    .optionsGroup('Split:')
  splitOptions(command, 'leave-one-out unless given').addOption(
    new Option('--learn-from <events>', 'what vocabularies and statistics are learnt from')
      .choices(['training', 'all'])
      .default('training'),
  )
  return trainingSettings(command)
    .optionsGroup('Run:')
    .option('--checkpoint-seconds <s>', 'seconds between checkpoints inside an epoch', number, 60)
    .option('--resume', 'go on from the last checkpoint of the same command', false)
    .option('--device <name>', 'cpu, cuda, webgpu, coreml or directml', 'cpu')
    .option('--threads <n>', 'threads of one run; all cores unless given', number)
    .option('--check', 'look for leaks in the events and their split, and stop there', false)
    .option('--strict-leakage', 'end where a leak is found that is an error', false)
    .option('--out <folder>', 'where the artifact is written; needed unless --check is given')
    .option('--overwrite', 'replace an artifact that is there, once the run has ended', false)
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText('after', `${splitHelp}\n${EXAMPLES}`)
    .action(async (events: readonly string[], flags: Flags) => {
      const output = createOutput(flags)
      const said = withPreset(flags.config === undefined ? {} : await readConfig(flags.config, flags), flags)
      const start = await startingArtifact(said, flags)
      const named = (option: string): boolean => command.getOptionValueSource(option) === 'cli'
      const config = withStart(said, start, {
        prepared: await isPrepared(events),
        columns: [...COLUMN_FLAGS, 'minCount'].some(named),
      })
      const given = givenSettings(command)
      const { model, content, train } = settleConfig(
        config,
        given,
        await blockFrom(config.model?.block, given),
      )
      const inputFlags: InputFlags = {
        ...flags,
        ...config,
        learnFrom: named('learnFrom') ? flags.learnFrom : (config.learnFrom ?? 'training'),
        start,
        split: chosenSplit(flags, train.seed, named('seed') ? unseeded(config.split) : config.split),
      }
      const runtime = nodeRuntime({
        device: flags.device,
        ...(flags.threads !== undefined && { threads: flags.threads }),
      })
      const { resume, checkpointSeconds, out, overwrite, strictLeakage } = flags
      if (out === undefined && !flags.check)
        throw new EnsuiteError('OPTION_INVALID', "required option '--out <folder>' not specified")
      const input = await trainingInput(events, inputFlags, output)
      if (out === undefined || flags.check) {
        const context = config.model?.inputs?.context?.columns ?? []
        await checkData(input, { strict: strictLeakage, context }, output)
        return
      }
      const interrupted = (): void => {
        output.note(`\nInterrupted. Go on from the last checkpoint with the same command and --resume.`)
        process.exit(130)
      }
      process.once('SIGINT', interrupted)
      const outcome = await runTraining(
        {
          ...{ input, model, content, start, train, strictLeakage },
          ...{ resume, checkpointSeconds, out, overwrite },
        },
        runtime,
        output,
      ).finally(() => process.off('SIGINT', interrupted))
      const { test, trained, ks, seconds } = outcome
      const metrics = [`ndcg@${ks[0]!}`, `recall@${ks[0]!}`]
      output.result(
        {
          artifact: out,
          seconds,
          epochs: trained.history.length,
          best: trained.best,
          test: {
            ...test.model,
            floors: test.floors,
            ...(test.heads && { heads: test.heads }),
            split: test.split,
          },
        },
        () =>
          [
            rankingTable(
              {
                [trained.model.block.kind]: test.model,
                markov: test.floors.markov,
                popularity: test.floors.popularity,
              },
              metrics,
            ),
            `Test: ${protocolLine(test.model, test.split)}.`,
            ...(test.heads
              ? [headsTable(test.heads, { model: trained.model.block.kind }), headLines(test.heads)]
              : []),
            `Trained ${trained.history.length} epochs in ${duration(seconds)}${trained.best ? `, best was ${trained.best.epoch}` : ''}. Saved to ${out}`,
          ].join('\n'),
      )
    })
}

/** Reads the events as a training would, and says what leaks there are. */
async function checkData(
  input: TrainingInput,
  options: Pick<LeakOptions, 'strict' | 'context'>,
  output: Output,
): Promise<void> {
  const data = await loadTrainingData(input, output)
  // The lines are the result; where the run ends with an error instead they come before it.
  const notes = options.strict ? output : { ...output, note: () => undefined }
  const leakage = lookForLeaks(data, { ...options, input, now: Date.now() }, notes)
  if (leakage === undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      '--check reads all sessions at once, and a divided prepared folder is read in pieces. Give it the events that were prepared.',
    )
  output.result({ leakage, split: data.split }, () =>
    leakage.length === 0 ? 'No leaks found.' : leakage.map(leakLine).join('\n'),
  )
}

/** A preset stands for the model and the training of a config, which then must not have its own. */
function withPreset(config: Config, { preset }: Pick<Flags, 'preset'>): Config {
  if (preset === undefined) return config
  const own = (['model', 'train'] as const).find((section) => config[section] !== undefined)
  if (own !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `--preset is a model and its training, and the config has a section '${own}' of its own. Leave one out.`,
    )
  const { model, train } = publishedAs(preset)
  return { ...config, model, train }
}

/** What the config does not say is as the artifact was trained that it goes on from; columns that flags name, and a prepared folder, say the workflow and what becomes of the events. */
function withStart(
  config: Config,
  start: StartingArtifact | undefined,
  { prepared, columns }: { readonly prepared: boolean; readonly columns: boolean },
): Config {
  if (start === undefined) return config
  const { workflow, split, learnFrom, ...others } = warmConfig(start)
  return {
    ...others,
    ...(!prepared && { ...(split && { split }), ...(learnFrom && { learnFrom }) }),
    ...(!prepared && !columns && { workflow }),
    ...config,
  }
}

/** A split that draws by the seed of the command line. */
function unseeded(split: Config['split']): Partial<NonNullable<Config['split']>> | undefined {
  if (split?.kind !== 'random') return split
  const { seed: _, ...rest } = split
  return rest
}

type InputFlags = SourceFlags &
  WorkflowFlags &
  Pick<Flags, 'learnFrom'> &
  Pick<Config, 'workflow'> & {
    readonly split: Config['split'] | undefined
    readonly start: StartingArtifact | undefined
  }

async function trainingInput(
  paths: readonly string[],
  flags: InputFlags,
  output: Output,
): Promise<TrainingInput> {
  const { split, workflow, start } = flags
  if (await isPrepared(paths)) {
    const unused = COLUMN_FLAGS.find((name) => flags[name] !== undefined)
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
    return {
      prepared: paths[0]!,
      ...(split && { split }),
      ...(workflow ? { workflow, functions: workflow.definition.functions } : await functionsOf(flags)),
    }
  }
  const source = eventSource(paths, flags)
  return {
    events: source,
    workflow: await chooseWorkflow(source, flags, output),
    split: split ?? { kind: 'leave-one-out' },
    learnFromAll: flags.learnFrom === 'all',
    ...(start && { extend: start.artifact.workflow }),
  }
}
