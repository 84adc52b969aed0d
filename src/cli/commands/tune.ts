import { rm, rmdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { EnsuiteError } from '../../errors.ts'
import type { Device } from '../../graph/index.ts'
import { nodeRuntime } from '../../graph/node.ts'
import { tune, type SearchSpace, type Settings, type TrialRecord } from '../../tune/index.ts'
import { bestConfig } from '../best-config.ts'
import { blockFrom } from '../block-from.ts'
import { checkRanks } from '../check-ranks.ts'
import type { WorkflowFlags } from '../choose-workflow.ts'
import type { Config } from '../config.ts'
import { checkSearched } from '../check-searched.ts'
import { createOutput } from '../output.ts'
import { number, seed, type SourceFlags } from '../parse.ts'
import { readConfig } from '../read-config.ts'
import { FUNCTIONS_OPTION } from '../read-functions.ts'
import { readJson } from '../read-json.ts'
import { SearchFault } from '../search-fault.ts'
import { searchedData } from '../searched-data.ts'
import { settleConfig } from '../settle-config.ts'
import { sourceOptions } from '../source-options.ts'
import { chosenSplit, splitHelp, splitOptions, type SplitFlags } from '../split-options.ts'
import { columnOptions, trainingInput } from '../training-input.ts'
import { toldAsFlags } from '../told-as-flags.ts'
import { trialConfig } from '../trial-config.ts'
import { trialLine } from '../trial-line.ts'
import { trialProcesses } from '../trial-processes.ts'
import { functionsFile, tunedResult } from '../tuned-result.ts'

interface Flags extends SourceFlags, WorkflowFlags, SplitFlags {
  readonly learnFrom: 'training' | 'all'
  readonly space: string
  readonly trials: number
  readonly search: 'random' | 'halving'
  readonly reduction?: number
  readonly leastEpochs?: number
  readonly epochs?: number
  readonly metric?: string
  readonly direction: 'higher' | 'lower'
  readonly jobs: number
  readonly threads?: number
  readonly device: Device
  readonly seed: number
  readonly resume: boolean
  readonly out: string
  readonly json: boolean
}

const EXAMPLES = `
A space is JSON: what is drawn for each place of a config, by its path.
  {
    "train.optimizer.learningRate": { "from": 1e-4, "to": 1e-2, "scale": "log" },
    "model.block.options.width": { "values": [64, 128, 256] },
    "model.block.options.layers": { "from": 1, "to": 4, "whole": true },
    "model.block.options.dropout": { "from": 0, "to": 0.5 }
  }
Values may be whole parts: { "model.block": { "values": [{ "kind": "gru" }, { "kind": "sasrec", "options": { "layers": 2 } }] } }.

Trials are measured on the validation part; the test part is not looked at. Each is kept in FOLDER/trials.jsonl once it has ended; FOLDER/best.json is
the config of the best one.

Examples:
  $ ensuite tune clicks.csv --space space.json --trials 30 --epochs 20 --out runs/search
  $ ensuite tune clicks.csv --space space.json --trials 60 --search halving --epochs 27 --jobs 2 --out runs/search
  $ ensuite tune prepared --config shop.json --space space.json --out runs/search
  $ ensuite train clicks.csv --config runs/search/best.json --out artifacts/shop

A search that was ended goes on with the same command and --resume.`

const EPOCHS = 20

/** `ensuite tune`: looks through a space of settings for those with the best validation. */
export function tuneCommand(): Command {
  const command = columnOptions(
    sourceOptions(
      new Command('tune')
        .description('look through settings of the model and its training for the best ones')
        .optionsGroup('Events:'),
    ).optionsGroup('Columns:'),
  )
    .optionsGroup('Search:')
    .requiredOption('--space <file>', 'JSON of what is drawn for each place of the config (see below)')
    .option('--config <file>', 'what is not searched, as for train; or a workflow alone')
    .option(...FUNCTIONS_OPTION)
    .option('--trials <n>', 'settings that are drawn', number, 20)
    .addOption(
      new Option(
        '--search <kind>',
        'random: each trial has all epochs; halving: all have few, the best of them more',
      )
        .choices(['random', 'halving'])
        .default('random'),
    )
    .option('--reduction <n>', 'of halving: the best 1 in so many go on (3 unless given)', number)
    .option('--least-epochs <n>', 'of halving: what all trials have (1 unless given)', number)
    .option('--epochs <n>', `most epochs of a trial; those of the config, or ${EPOCHS}`, number)
    .option('--metric <name>', 'of the validation; that of the config, or ndcg@10')
    .addOption(
      new Option('--direction <which>', 'of the metric that is better')
        .choices(['higher', 'lower'])
        .default('higher'),
    )
    .option('--seed <n>', 'start of all draws', seed, 1)
    .optionsGroup('Split:')
  return splitOptions(command, 'leave-one-out unless given')
    .addOption(
      new Option('--learn-from <events>', 'what vocabularies and statistics are learnt from')
        .choices(['training', 'all'])
        .default('training'),
    )
    .optionsGroup('Run:')
    .option('--jobs <n>', 'trials at once, each in a process of its own', number, 1)
    .option('--threads <n>', 'of each process; the cores divided among them unless given', number)
    .option('--device <name>', 'cpu, cuda, webgpu, coreml or directml', 'cpu')
    .option('--resume', 'go on with a search that was ended', false)
    .requiredOption('--out <folder>', 'where the trials are kept')
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText('after', `${splitHelp}\n${EXAMPLES}`)
    .action((events: readonly string[], flags: Flags) => search(command, events, flags))
}

async function search(command: Command, events: readonly string[], flags: Flags): Promise<void> {
  const output = createOutput(flags)
  const said: Config = flags.config === undefined ? {} : await readConfig(flags.config, flags)
  const space = (await readJson(flags.space)) as SearchSpace
  const { workflow, warmStart, ...sections } = said
  if (warmStart !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'tune: a warm start fixes the model, so nothing is left to search. Leave warmStart out of the config.',
    )
  if (said.baseline !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      "tune: settings of a model are searched, and the config has a baseline. Leave 'baseline' out of the config.",
    )
  const named = (option: string): boolean => command.getOptionValueSource(option) === 'cli'
  const { direction } = flags
  const epochs = flags.epochs ?? said.train?.epochs ?? EPOCHS
  const metric = flags.metric ?? said.train?.metric ?? `ndcg@${said.train?.ks?.[0] ?? 10}`
  const { config, functions, header, quotes, columns, delimiter, format, minCount } = flags
  const inputFlags = {
    ...{ header, quotes, minCount },
    ...chosen({ config, functions, columns, delimiter, format }),
    ...chosen(Object.fromEntries(COLUMNS.map((name) => [name, flags[name]]))),
    learnFrom: named('learnFrom') ? flags.learnFrom : (said.learnFrom ?? 'training'),
    split: chosenSplit(flags, flags.seed, said.split),
  }
  checkSearched(space, { metric, direction, config: sections })
  const imported = await blockFrom(sections.model?.block, [])
  const threads = flags.threads ?? Math.max(1, Math.floor(availableParallelism() / Math.max(1, flags.jobs)))
  // A device or number of threads that there is not is none for any trial.
  await toldAsFlags(API_NAMES, () => nodeRuntime({ device: flags.device, threads }))
  // What the columns are taken for is said once, before anything is started.
  const input = await trainingInput(
    events,
    { ...inputFlags, ...(workflow && { workflow }), start: undefined },
    output,
  )
  const of = { events, metric, ...inputFlags, ...(await searchedData(input)), config: sections }
  const configOf = (settings: Settings) => trialConfig(sections, settings)
  const processes = trialProcesses({ paths: events, flags: inputFlags, device: flags.device, threads })
  let interrupted: Promise<void> | undefined
  const ended = (): void => {
    output.note(`\nInterrupted. Go on with the same command and --resume.`)
    interrupted = processes.close().finally(() => process.exit(130))
  }
  process.once('SIGINT', ended)
  const started = performance.now()
  const checkpoints = join(flags.out, 'checkpoints')
  const checkpointOf = ({ trial, budget }: Pick<TrialRecord, 'trial' | 'budget'>): string =>
    join(checkpoints, `${trial}-${budget}`)
  try {
    const found = await toldAsFlags(API_NAMES, () =>
      tune(
        (trial) =>
          processes.run(trial.job, {
            ...{ config: configOf(trial.settings), epochs: trial.budget, wholeEpochs: epochs },
            ...{ metric, direction, checkpoint: checkpointOf(trial) },
          }),
        {
          ...{ space, trials: flags.trials, budget: epochs, direction },
          search: {
            kind: flags.search,
            ...chosen({ reduction: flags.reduction, least: flags.leastEpochs }),
          },
          ...{ seed: flags.seed, jobs: flags.jobs, folder: flags.out, resume: flags.resume, of },
          // Parts that do not go together, or that train refuses, are found before anything is trained.
          accept: (settings) => {
            const config = configOf(settings)
            const { from } = config.model?.block ?? {}
            // Another checkpoint, where these are searched, is read by its trial.
            if (from === sections.model?.block?.from) settleConfig(config, [], imported)
            checkRanks(config.model?.heads ?? [{ kind: 'next-item' }])
          },
          onTrial: async (record, progress) => {
            const seconds = (performance.now() - started) / 1000
            output.note(trialLine(record, { metric, ...progress, seconds }))
            // It is of no more use; what cannot be removed is in the way of nothing.
            await rm(checkpointOf(record), { recursive: true, force: true }).catch(() => undefined)
          },
        },
      ).catch((error: unknown) => {
        throw error instanceof SearchFault ? error.cause : error
      }),
    )
    await rmdir(checkpoints).catch(() => undefined)
    const best = (settings: Settings): object =>
      bestConfig(configOf({ ...settings, 'train.epochs': epochs, 'train.metric': metric }), input)
    const functions = functionsFile(flags, input)
    await tunedResult(found, { events, flags, functions, metric, configOf: best, output })
  } finally {
    process.off('SIGINT', ended)
    await (interrupted ?? processes.close())
  }
}

/** What the search from code calls what flags say here. */
const API_NAMES = [
  [
    /^tune: search: (\w+) changes nothing beside kind 'random'/,
    '--$1 changes nothing beside --search random',
  ],
  [/^--least changes/, '--least-epochs changes'],
  [/^tune: search\.least /, '--least-epochs '],
  [/^tune: (?:search\.)?(reduction|trials|jobs|seed) /, '--$1 '],
  [/^tune: budget /, '--epochs '],
  [/^nodeRuntime: threads /, '--threads '],
  ["Go on with 'resume', or choose another folder.", 'Go on with --resume, or choose another --out.'],
] as const

const COLUMNS = ['session', 'item', 'time', 'categorical', 'continuous'] as const

const chosen = <Values extends object>(
  values: Values,
): { readonly [Name in keyof Values]?: NonNullable<Values[Name]> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    readonly [Name in keyof Values]?: NonNullable<Values[Name]>
  }
