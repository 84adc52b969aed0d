import type { Command } from 'commander'
import { measuringOptions } from '../artifact/index.ts'
import { baselineOfKind, type Baseline } from '../baselines/index.ts'
import { EnsuiteError } from '../errors.ts'
import { chosenBaseline } from './chosen-baselines.ts'
import type { Config, TrainConfig } from './config.ts'
import type { Given } from './training-settings.ts'

/** Which baseline is made in place of a model, and how it is measured. */
export interface BaselineSettings {
  readonly baseline: Baseline
  /** `seed`: of a split that draws. */
  readonly train: Pick<TrainConfig, (typeof measuringOptions)[number]> & { readonly seed: number }
}

/** Flags of a training that goes on for long, and of what it starts from: a baseline counts, once. */
const OF_TRAINING = [
  'preset',
  'warmStart',
  'resume',
  'resumeFrom',
  'checkpointSeconds',
  'keepCheckpoints',
  'device',
  'threads',
  'run',
  'commit',
  'tensorboard',
  'mlflow',
  'mlflowExperiment',
  'mlflowTokenFile',
]

/**
 * What `--baseline` asks for, or the section of a config; undefined where neither does, and a model is trained.
 * Throws `OPTION_INVALID` and `OPTION_UNKNOWN` for what is no baseline, and `OPTION_INVALID` for flags and sections of a model beside it.
 */
export function baselineSettings(
  config: Config,
  { command, given }: { readonly command: Command; readonly given: readonly Given[] },
): BaselineSettings | undefined {
  const flag = command.getOptionValue('baseline') as string | undefined
  const { kind = '', options } = config.baseline ?? {}
  if (flag === undefined && config.baseline === undefined) return undefined
  const where = flag === undefined ? "'baseline' of the config" : '--baseline'
  const baseline = flag === undefined ? baselineOfKind(kind, options) : chosenBaseline(flag)
  const refused = (name: string): EnsuiteError =>
    new EnsuiteError(
      'OPTION_INVALID',
      `${name} is of a model and its training, and ${where} asks for a baseline, ${baseline.kind}, which counts and has neither. Leave one out.`,
    )
  const strange = given.find(({ setting: { of, option } }) => of !== 'train' || !isMeasuring(option))
  if (strange !== undefined) throw refused(strange.setting.flag.split(' ')[0]!)
  const named = OF_TRAINING.find((name) => command.getOptionValueSource(name) === 'cli')
  if (named !== undefined)
    throw refused(command.options.find((each) => each.attributeName() === named)!.long!)
  const section = (['model', 'warmStart'] as const).find((name) => config[name] !== undefined)
  if (section !== undefined) throw refused(`The section '${section}' of the config`)
  const setting = Object.keys(config.train ?? {}).find((name) => !isMeasuring(name))
  if (setting !== undefined) throw refused(`'train.${setting}' of the config`)
  return {
    baseline,
    train: {
      seed: 1,
      ...config.train,
      ...Object.fromEntries(given.map(({ setting: { option }, value }) => [option, value])),
    },
  }
}

const isMeasuring = (option: string): boolean => (measuringOptions as readonly string[]).includes(option)
