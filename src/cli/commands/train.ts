import { Command, InvalidArgumentError, Option } from 'commander'
import { nodeRuntime } from '../../graph/node.ts'
import type { Device } from '../../graph/index.ts'
import { EnsuiteError } from '../../errors.ts'
import { checkNumber } from '../../options.ts'
import { baselineResult } from '../baseline-result.ts'
import { runBaseline } from '../baseline-run.ts'
import { baselineSettings } from '../baseline-settings.ts'
import { blockFrom } from '../block-from.ts'
import { COLUMN_FLAGS, type WorkflowFlags } from '../choose-workflow.ts'
import { interruptedLine, startingLine } from '../checkpoint-place.ts'
import type { Config } from '../config.ts'
import { endAtSignals } from '../end-at-signals.ts'
import { headLines, headsTable } from '../heads-table.ts'
import { FUNCTIONS_OPTION } from '../read-functions.ts'
import { presetNames, publishedAs } from '../../presets/index.ts'
import { leakLine, lookForLeaks, type LeakOptions } from '../look-for-leaks.ts'
import { createOutput, protocolLine, rankingTable, type Output } from '../output.ts'
import { number, wholeNumber, type SourceFlags } from '../parse.ts'
import { duration } from '../progress.ts'
import { readConfig } from '../read-config.ts'
import { settleConfig } from '../settle-config.ts'
import { sourceOptions } from '../source-options.ts'
import { chosenSplit, splitHelp, splitOptions, type SplitFlags } from '../split-options.ts'
import { isPrepared, loadTrainingData, type TrainingInput } from '../training-data.ts'
import { columnOptions, trainingInput, type InputFlags } from '../training-input.ts'
import { watchOptions, type WatchFlags } from '../run-callbacks.ts'
import { runTraining } from '../training-run.ts'
import { givenSettings, trainingSettings } from '../training-settings.ts'
import { startingArtifact, withStart } from '../warm-config.ts'

interface Flags extends SourceFlags, WorkflowFlags, SplitFlags, WatchFlags {
  readonly learnFrom: 'training' | 'all'
  readonly checkpointSeconds: number
  readonly preset?: string
  readonly baseline?: string
  readonly warmStart?: string
  readonly resume: boolean
  readonly resumeFrom?: 'best' | number
  readonly keepCheckpoints?: number
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

  $ ensuite train clicks.csv --baseline vstan --out artifacts/vstan
  $ ensuite train clicks.csv --baseline '{"kind": "vsknn", "options": {"neighbours": 500}}' --out artifacts/vsknn

A run that was ended goes on with the same command and --resume.`

/** `ensuite train`: from a file of events, or a prepared folder, to an artifact. */
export function trainCommand(): Command {
  const command = columnOptions(
    sourceOptions(
      new Command('train')
        .description('train a model, or a baseline, on a log of events and save it as an artifact')
        .optionsGroup('Events:'),
    ).optionsGroup('Columns:'),
  )
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
    .option(
      '--baseline <kind>',
      'a recommender without a network in place of a model, such as vstan: a kind, or JSON { kind, options }',
    )
    .option(...FUNCTIONS_OPTION)
    .optionsGroup('Split:')
  splitOptions(command, 'leave-one-out unless given').addOption(
    new Option('--learn-from <events>', 'what vocabularies and statistics are learnt from')
      .choices(['training', 'all'])
      .default('training'),
  )
  return watchOptions(trainingSettings(command))
    .optionsGroup('Run:')
    .option('--checkpoint-seconds <s>', 'seconds between checkpoints inside an epoch', number, 60)
    .option('--resume', 'go on from the last checkpoint of the same command', false)
    .option('--keep-checkpoints <n>', 'of the last epochs, and the best one, in OUT.training', wholeNumber(1))
    .option('--resume-from <which>', 'go on from one that is kept: best, or the number of its epoch', which)
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
      const given = givenSettings(command)
      const baseline = baselineSettings(said, { command, given })
      const start = await startingArtifact(said, flags)
      const named = (option: string): boolean => command.getOptionValueSource(option) === 'cli'
      const config = withStart(said, start, {
        prepared: await isPrepared(events),
        columns: [...COLUMN_FLAGS, 'minCount'].some(named),
      })
      const inputFlags = (seed: number): InputFlags => ({
        ...flags,
        ...config,
        learnFrom: named('learnFrom') ? flags.learnFrom : (config.learnFrom ?? 'training'),
        start,
        split: chosenSplit(flags, seed, named('seed') ? unseeded(config.split) : config.split),
      })
      const { checkpointSeconds, keepCheckpoints, out, overwrite, strictLeakage } = flags
      checkNumber('--checkpoint-seconds', checkpointSeconds, { min: 0 })
      const resume = flags.resumeFrom ?? flags.resume
      if (flags.check) refuseBesideCheck(command)
      if (out === undefined && !flags.check)
        throw new EnsuiteError('OPTION_INVALID', "required option '--out <folder>' not specified")
      if (baseline !== undefined) {
        const input = await trainingInput(events, inputFlags(baseline.train.seed), output)
        if (out === undefined || flags.check) return checkData(input, { strict: strictLeakage }, output)
        const outcome = await runBaseline({ ...baseline, input, out, overwrite, strictLeakage }, output)
        baselineResult(outcome, { ...baseline, out }, output)
        return
      }
      const { model, content, train } = settleConfig(
        config,
        given,
        await blockFrom(config.model?.block, given),
      )
      const runtime = nodeRuntime({
        device: flags.device,
        ...(flags.threads !== undefined && { threads: flags.threads }),
      })
      const input = await trainingInput(events, inputFlags(train.seed), output)
      if (out === undefined || flags.check) {
        const context = config.model?.inputs?.context?.columns ?? []
        return checkData(input, { strict: strictLeakage, context }, output)
      }
      const starting = resume === true ? await startingLine(out) : undefined
      if (starting !== undefined) output.note(starting)
      const goOn = endAtSignals(output, () => `\n${interruptedLine(out)}`)
      const outcome = await runTraining(
        {
          ...{ input, model, content, start, train, strictLeakage, watch: flags },
          ...{ resume, checkpointSeconds, keepCheckpoints, out, overwrite },
        },
        runtime,
        output,
      ).finally(goOn)
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
            `Trained ${trained.history.length} ${trained.history.length === 1 ? 'epoch' : 'epochs'} in ${duration(seconds)}${trained.best ? `, best was ${trained.best.epoch}, at update ${trained.best.update}` : ''}. Saved to ${out}`,
          ].join('\n'),
      )
    })
}

/** What says where a training is written to, and what it goes on from. */
const OF_A_RUN = [
  ...['out', 'overwrite', 'resume', 'resumeFrom', 'keepCheckpoints', 'checkpointSeconds'],
  ...['run', 'commit', 'tensorboard', 'mlflow', 'mlflowExperiment', 'mlflowTokenFile'],
]

/** Throws `OPTION_INVALID` for flags that change nothing where nothing is trained. */
function refuseBesideCheck(command: Command): void {
  const given = command.options.find(
    (option) =>
      OF_A_RUN.includes(option.attributeName()) &&
      command.getOptionValueSource(option.attributeName()) === 'cli',
  )
  if (given !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${given.long!} changes nothing beside --check, which trains nothing. Leave one of them out.`,
    )
}

/** Which of the checkpoints that are kept. */
function which(text: string): 'best' | number {
  if (text === 'best') return text
  const epoch = Number(text)
  if (text.trim() !== '' && Number.isInteger(epoch) && epoch >= 1) return epoch
  throw new InvalidArgumentError("It is the number of an epoch, or 'best'.")
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
  const leakage = await lookForLeaks(data, { ...options, asked: '--check', input, now: Date.now() }, notes)
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

/** A split that draws by the seed of the command line. */
function unseeded(split: Config['split']): Partial<NonNullable<Config['split']>> | undefined {
  if (split?.kind !== 'random') return split
  const { seed: _, ...rest } = split
  return rest
}
