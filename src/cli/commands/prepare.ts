import { Command, Option } from 'commander'
import { EnsuiteError } from '../../errors.ts'
import { checkNumber } from '../../options.ts'
import {
  definitionFromJson,
  withFunctions,
  workflow as createWorkflow,
  type FittedWorkflow,
  type Workflow,
} from '../../workflow/index.ts'
import { prepare, type Prepared, type PrepareProgress } from '../../workflow/prepare.ts'
import type { SessionSlice } from '../../workflow/session-slice.ts'
import { unitNames, type SplitUnit } from '../../workflow/split-units.ts'
import { FUNCTIONS_OPTION } from '../read-functions.ts'
import { endAtSignals } from '../end-at-signals.ts'
import { createOutput, table, type Output } from '../output.ts'
import { eventSource, instant, number, seed, slice, type SourceFlags } from '../parse.ts'
import { duration } from '../progress.ts'
import { readWorkflowConfig } from '../read-config.ts'
import { sourceOptions } from '../source-options.ts'

interface Flags extends SourceFlags {
  readonly config?: string
  readonly extend?: string
  readonly out: string
  readonly minEvents?: number
  readonly maxEvents?: number
  readonly slice?: SessionSlice
  readonly every?: SplitUnit
  readonly split: boolean
  readonly learnFrom?: 'training' | 'all'
  readonly validation?: number
  readonly test?: number
  readonly seed?: number
  readonly memory?: number
  readonly learnUntil?: number
  readonly functions?: string
  readonly json: boolean
}

const EXAMPLES = `
A config is a module (.mjs, .js or .ts) that exports a workflow, or its JSON:
  import * as ensuite from 'ensuite'
  const { features: f } = ensuite
  export const workflow = ensuite.workflow({
    session: 'session_id', item: f.category('item_id', { minCount: 5 }), time: 'timestamp',
    steps: [{ keep: f.not(f.repeatsLast(f.column('item_id', 'text'))) }],
    features: { weekday: f.weekday(f.column('timestamp', 'time')) },
  })

Examples:
  $ ensuite prepare clicks.csv --config workflow.mjs --out prepared
  $ ensuite prepare clicks/ --config workflow.mjs --every day --learn-until 2014-08-01 --memory 2 --out prepared
  $ ensuite prepare new.csv --config prepared/workflow.json --out prepared-new      (with what was learnt)
  $ ensuite prepare all.csv --extend prepared/workflow.json --out prepared-next     (learns on: old codes stay)`

/** `ensuite prepare`: events to sessions of features on disk, larger than memory. */
export function prepareCommand(): Command {
  return sourceOptions(
    new Command('prepare').description('turn events into sessions of features, in Parquet files'),
  )
    .option(
      '--config <file>',
      'a module that exports `workflow` (.mjs, .js or .ts), or JSON; or the config of a training',
    )
    .option(
      '--extend <file>',
      'learn on from this fitted workflow: its codes stay, new values come behind them (--config may then be left out)',
    )
    .requiredOption(
      '--out <folder>',
      'where the sessions and the fitted workflow are written; what prepare wrote there before is replaced',
    )
    .option(
      '--min-events <n>',
      'leave out sessions of fewer events, before the slice (2 unless given)',
      number,
    )
    .option(
      '--max-events <n>',
      'keep the latest events of longer sessions (all unless given); 2 or more',
      number,
    )
    .option('--slice <start:end>', 'keep these events of each session, as in Python: -20:, 0:10, :-1', slice)
    .option('--split', 'divide the sessions into train, valid and test', false)
    .addOption(new Option('--every <time>', 'divide them, and by day or hour').choices(unitNames))
    .option('--validation <share>', 'of the sessions (0.1 unless given)', number)
    .option('--test <share>', 'of the sessions (0.1 unless given)', number)
    .option('--seed <n>', 'of that division (1 unless given)', seed)
    .addOption(
      new Option('--learn-from <sessions>', 'those that train, unless given, or all').choices([
        'training',
        'all',
      ]),
    )
    .option(
      '--learn-until <time>',
      'learn vocabularies and statistics from events before this time alone',
      instant,
    )
    .option('--memory <GB>', 'what the engine may use (1 unless given)', number)
    .option(...FUNCTIONS_OPTION)
    .option('--json', 'print the result as one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (events: readonly string[], flags: Flags) => {
      const output = createOutput(flags)
      if (flags.memory !== undefined) checkNumber('--memory, in GB,', flags.memory, { min: 0.1 })
      const started = performance.now()
      const { validation, test, every } = flags
      const divided =
        flags.split || [every, validation, test, flags.seed].some((option) => option !== undefined)
      if (flags.learnFrom === 'training' && !divided)
        throw new EnsuiteError(
          'OPTION_INVALID',
          '--learn-from training is of sessions that are divided, and nothing divides them. Add --split or --every, or leave --learn-from out.',
        )
      const { workflow, extend } = await workflowOf(flags)
      const goOn = endAtSignals(output, `\nInterrupted. What was half-written for ${flags.out} is removed.`)
      const result = await prepare(workflow, eventSource(events, flags), {
        out: flags.out,
        ...(flags.minEvents !== undefined && { minEvents: flags.minEvents }),
        ...(flags.maxEvents !== undefined && { maxEvents: flags.maxEvents }),
        ...(flags.slice !== undefined && { slice: flags.slice }),
        ...(flags.learnFrom !== undefined && { learnFrom: flags.learnFrom }),
        ...(divided && {
          split: {
            ...(every !== undefined && { every }),
            ...(validation !== undefined && { validation }),
            ...(test !== undefined && { test }),
            ...(flags.seed !== undefined && { seed: flags.seed }),
          },
        }),
        ...(extend !== undefined && { extend }),
        ...(flags.learnUntil !== undefined && { period: { until: flags.learnUntil } }),
        ...(flags.memory !== undefined && { memoryLimit: flags.memory * 1e9 }),
        onProgress: progress(output),
      }).finally(goOn)
      const seconds = (performance.now() - started) / 1000
      const { sessions, events: count, windows: written, eventsRead, leftOut } = result
      const figures = { sessions, events: count, windows: written, eventsRead, leftOut }
      output.result({ ...figures, seconds, out: flags.out }, () =>
        [
          `${counted(sessions)} sessions with ${counted(count)} events in ${duration(seconds)}: ${flags.out}`,
          leftOutLine(result, flags.minEvents ?? 2),
          ...(written.length === 0
            ? []
            : [
                table(
                  [every ?? '', 'train', 'valid', 'test'],
                  written.map((each) =>
                    [every === undefined ? 'sessions' : each.window, each.train, each.valid, each.test].map(
                      String,
                    ),
                  ),
                ),
              ]),
        ].join('\n'),
      )
    })
}

/** What becomes of the events, and what is learnt on from. */
async function workflowOf(
  flags: Flags,
): Promise<{ readonly workflow: Workflow | FittedWorkflow; readonly extend?: FittedWorkflow }> {
  const { config, extend } = flags
  if (extend === undefined) {
    if (config !== undefined) return { workflow: await readWorkflowConfig(config, flags) }
    throw new EnsuiteError(
      'OPTION_INVALID',
      'prepare expects --config, which says what becomes of the events, or --extend, to learn on from a fitted workflow.',
    )
  }
  const before = await readWorkflowConfig(extend, flags)
  if ('fit' in before)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `--extend expects a fitted workflow, such as the workflow.json of a prepared folder or an artifact, and ${extend} holds one that has learnt nothing. Give it as --config.`,
    )
  if (config !== undefined) return { workflow: await readWorkflowConfig(config, flags), extend: before }
  const { functions } = before.definition
  const same = withFunctions(definitionFromJson(before.toJSON().definition), functions)
  return { workflow: createWorkflow(same), extend: before }
}

const counted = (count: number): string => count.toLocaleString('en')

/** What became of the events that were read and not written. */
function leftOutLine({ eventsRead, leftOut }: Prepared, minEvents: number): string {
  const { droppedEvents, shortSessions, shortEvents, emptiedSessions, cutEvents } = leftOut
  const parts = [
    ...(droppedEvents > 0 ? [`${counted(droppedEvents)} dropped by the steps`] : []),
    ...(shortSessions > 0
      ? [`${counted(shortEvents)} in ${counted(shortSessions)} sessions of fewer than ${minEvents} events`]
      : []),
    ...(cutEvents > 0
      ? [
          `${counted(cutEvents)} cut off${emptiedSessions > 0 ? `, which leaves nothing of ${counted(emptiedSessions)} sessions` : ''}`,
        ]
      : []),
  ]
  return `Of ${counted(eventsRead)} events read, ${parts.length === 0 ? 'none is left out' : `left out: ${parts.join('; ')}`}.`
}

const says: Readonly<Record<PrepareProgress['phase'], string>> = {
  read: 'reading events',
  learn: 'learning vocabularies and statistics',
  group: 'grouping sessions',
  write: 'writing',
}

/** A line a phase, and in long ones a line whenever another tenth is done, with the time that is left of it. */
function progress(output: Output): (progress: PrepareProgress) => void {
  let phase = ''
  let started = 0
  let told = 0
  return ({ phase: now, done, total }) => {
    if (now !== phase) {
      phase = now
      started = performance.now()
      told = 0
      output.note(says[now])
    }
    const share = done / total
    if (total < 2 || share - told < 0.1 || done === total) return
    told = share
    const seconds = (performance.now() - started) / 1000
    output.note(`  ${done} of ${total} · ${duration((seconds / share) * (1 - share))} left`)
  }
}
