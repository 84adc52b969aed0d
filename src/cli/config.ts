import {
  checkFrom,
  checkStart,
  checkLearnFrom,
  checkTraining,
  type trainingOptions,
} from '../artifact/index.ts'
import { baselineKinds } from '../baselines/index.ts'
import type { Split } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import { headKinds } from '../heads/index.ts'
import type { InputOptions } from '../inputs/index.ts'
import { checkChoice, checkOptions } from '../options.ts'
import { averagingOptions } from '../train/averaging.ts'
import { optimizerOptions } from '../train/optimizer.ts'
import { checkPartOptions } from '../train/parts.ts'
import { scheduleOptions } from '../train/schedule.ts'
import type { TrainOptions } from '../train/index.ts'
import type { FittedWorkflow, Workflow } from '../workflow/index.ts'

/** A masking, block or head: what its constructor is called with. */
export interface PartConfig {
  readonly kind?: string
  readonly options?: Readonly<Record<string, unknown>>
}

/** A block, which may start from weights that are elsewhere. */
export interface BlockConfig extends PartConfig {
  /** A checkpoint folder of Hugging Face, which decides kind and sizes: see `blocks.fromHuggingFace`. */
  readonly from?: string
}

/** The parts of a model; what is left out has the defaults of the command line. */
export interface ModelConfig {
  readonly inputs?: InputOptions
  /** Default: the first kind that the block goes with. */
  readonly masking?: PartConfig
  readonly block?: BlockConfig
  /** Default: the next item alone. */
  readonly heads?: readonly PartConfig[]
  readonly maxLength?: number
}

/** Options of `train` that say what is learnt, and not where it runs. */
export type TrainConfig = Pick<TrainOptions, (typeof trainingOptions)[number]>

/** All that makes a model and its training, or a baseline, but the workflow: JSON-safe. */
export interface ConfigSections {
  readonly split?: Split
  /** What vocabularies and statistics are learnt from. */
  readonly learnFrom?: 'training' | 'all'
  /** The folder of an artifact that the training goes on from. */
  readonly warmStart?: string
  readonly model?: ModelConfig
  /** In place of a model; of `train` it takes how it is divided and measured alone: seed, ks and filterSeen. */
  readonly baseline?: PartConfig
  readonly train?: TrainConfig
}

/** A config that was read: the sections of a file, each of which may be left out. */
export interface Config extends ConfigSections {
  readonly workflow?: Workflow | FittedWorkflow
}

export const CONFIG_SECTIONS = [
  'workflow',
  'split',
  'learnFrom',
  'warmStart',
  'model',
  'baseline',
  'train',
] as const

/** Throws `OPTION_UNKNOWN` for a name that is none, naming the nearest one, and `OPTION_INVALID`. What parts and splits are called with is checked where they are made. */
export function checkConfig(where: string, config: object): void {
  checkOptions(where, config, CONFIG_SECTIONS)
  const { model, baseline, train, learnFrom, warmStart } = config as ConfigSections
  if (learnFrom !== undefined) checkLearnFrom(where, learnFrom)
  if (warmStart !== undefined) checkStart(`${where}: warmStart`, warmStart)
  if (model !== undefined) checkModel(`${where}: model`, model)
  if (baseline !== undefined) checkBaseline(`${where}: baseline`, baseline)
  if (train === undefined) return
  checkTraining(`${where}: train`, train)
  optimizerOptions(train.optimizer)
  scheduleOptions(train.schedule)
  if (train.averaging !== undefined) averagingOptions(train.averaging)
  if (train.parts !== undefined) checkPartOptions(train.parts)
}

function checkModel(where: string, model: ModelConfig): void {
  checkOptions(where, model, ['inputs', 'masking', 'block', 'heads', 'maxLength'])
  const { inputs, masking, block, heads = [] } = model
  if (inputs !== undefined) checkObject(`${where}.inputs`, inputs)
  if (!Array.isArray(heads))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}.heads is a list of parts, such as [{ "kind": "next-item" }].`,
    )
  const parts = Object.entries({ masking, block, ...Object.fromEntries(heads.map(numbered)) })
  for (const [name, part] of parts) {
    if (part === undefined) continue
    checkOptions(`${where}.${name}`, part, ['kind', 'options', ...(name === 'block' ? ['from'] : [])])
    if (part.options !== undefined) checkObject(`${where}.${name}.options`, part.options)
  }
  if (block?.from !== undefined) checkFrom(`${where}.block.from`, block.from)
  for (const [at, { kind }] of (heads as readonly PartConfig[]).entries())
    checkChoice(`${where}.heads[${at}].kind`, kind, headKinds)
}

function checkBaseline(where: string, baseline: PartConfig): void {
  checkOptions(where, baseline, ['kind', 'options'])
  checkChoice(`${where}.kind`, baseline.kind, baselineKinds)
  if (baseline.options !== undefined) checkObject(`${where}.options`, baseline.options)
}

const checkObject = (where: string, value: object): void =>
  checkOptions(where, value, Object.keys(Object(value) as object))

const numbered = (part: PartConfig, at: number): readonly [string, PartConfig] => [`heads[${at}]`, part]
