import { extname, join } from 'node:path'
import { writeWhole } from '../artifact/index.ts'
import { EnsuiteError, type ErrorCode } from '../errors.ts'
import { isOfTheRun, type Settings, type Tuned } from '../tune/index.ts'
import { table, type Output } from './output.ts'
import type { SourceFlags } from './parse.ts'
import { quoted, sourceWords } from './source-words.ts'
import type { TrainingInput } from './training-data.ts'

interface Parts {
  readonly events: readonly string[]
  readonly flags: SourceFlags & { readonly out: string }
  /** The module of the functions that the workflow calls. */
  readonly functions: string | undefined
  readonly metric: string
  /** The config of which these settings are the best. */
  readonly configOf: (settings: Settings) => object
  readonly output: Output
}

/** So many trials are shown. */
const SHOWN = 15

/** Writes the config of the best trial, and prints the trials. Throws `TRAINING_DIVERGED` where all failed, or what they failed with where that is not of their settings. */
export async function tunedResult(
  { trials, best, refused }: Tuned,
  { events, flags, functions, metric, configOf, output }: Parts,
): Promise<void> {
  if (best === undefined) throw noneSucceeded(trials, flags.out)
  const path = join(flags.out, 'best.json')
  await writeWhole(path, `${JSON.stringify(configOf(best.settings), undefined, 2)}\n`)
  const names = Object.keys(best.settings)
  const train = [
    ...['npx ensuite train', ...events.map(quoted), ...sourceWords(flags)],
    ...(functions === undefined ? [] : ['--functions', quoted(functions)]),
    ...['--config', quoted(path), '--out artifacts/best'],
  ]
  output.result({ best, trials, refused, config: path }, () =>
    [
      table(
        ['trial', 'epochs', metric, ...names.map((name) => name.split('.').at(-1)!), 'seconds'],
        trials
          .slice(0, SHOWN)
          .map(({ trial, budget, value, settings, seconds }) => [
            String(trial),
            String(budget),
            value?.toFixed(4) ?? 'failed',
            ...names.map((name) => short(settings[name])),
            seconds.toFixed(1),
          ]),
      ),
      `${trials.length} trials${refused === 0 ? '' : `, and ${refused} draws whose parts do not go together`}. The best is trial ${best.trial}: its config is ${path}.`,
      `Train it:  ${train.join(' ')}`,
    ].join('\n'),
  )
}

/** Where memory was short for some, or a disk full, the same search may find one the next time. */
function noneSucceeded(trials: Tuned['trials'], folder: string): EnsuiteError {
  const failed = trials.filter(({ error }) => error !== undefined)
  const { code, message } = (failed.find(({ error }) => isOfTheRun(error!.code)) ?? failed[0]!).error!
  const succeeded = trials.length - failed.length
  const which =
    succeeded === 0
      ? 'Every trial failed'
      : `Of the trials with all epochs every one failed (${succeeded} with fewer succeeded)`
  const what = isOfTheRun(code) ? 'See to that, and go on with --resume' : 'Narrow the space'
  return new EnsuiteError(
    isOfTheRun(code) ? (code as ErrorCode) : 'TRAINING_DIVERGED',
    `${which}, the first with: ${message} ${what}; all are in ${join(folder, 'trials.jsonl')}.`,
  )
}

/** The module that holds the functions of the workflow: the config is JSON, which calls them. A module that exports the workflow has them in it. */
export function functionsFile(
  { functions, config }: { readonly functions?: string; readonly config?: string },
  { workflow }: Pick<TrainingInput, 'workflow'>,
): string | undefined {
  const calls = Object.keys(workflow?.definition.functions ?? {}).length > 0
  return functions ?? (calls && config !== undefined && extname(config) !== '.json' ? config : undefined)
}

const short = (value: unknown): string =>
  typeof value === 'number'
    ? String(Number(value.toPrecision(3)))
    : typeof value === 'string'
      ? value
      : JSON.stringify(value).slice(0, 40)
