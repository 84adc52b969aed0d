import { blockOfKind, blockOptions, type Block } from '../blocks/index.ts'
import { EnsuiteError } from '../errors.ts'
import { headOfKind, nextItem } from '../heads/index.ts'
import { checkInputs } from '../inputs/index.ts'
import { maskingOfKind, type MaskingKind } from '../masking/index.ts'
import { model, type Model, type ModelOptions } from '../model.ts'
import { optimizerOptions } from '../train/optimizer.ts'
import { scheduleDefaults, scheduleOptions } from '../train/schedule.ts'
import { checkTrainOptions, type Decay, type OptimizerOptions, type ScheduleOptions } from '../train/index.ts'
import type { FittedWorkflow } from '../workflow/index.ts'
import type { ConfigSections, ModelConfig, PartConfig, TrainConfig } from './config.ts'
import { headOptions } from './head-options.ts'
import { settings, type Area, type Given } from './training-settings.ts'

type Options = Readonly<Record<string, unknown>>

/** What a model is given beside its parts once the sessions are there. */
export type Known = Pick<ModelOptions, 'content' | 'warmStart'>

/** What is trained, and how: nothing is left out that the command line has a default for. */
export interface Settled {
  /** Makes the model, once it is known what the sessions hold. */
  readonly model: (fitted: FittedWorkflow, known?: Known) => Model
  /** The features that `content` is to be of. */
  readonly content: readonly string[]
  readonly train: TrainConfig & { readonly seed: number }
}

/** A block, masking, loss or optimizer of another kind than the config's starts anew: of the options that it had, these stay. */
const KEPT = {
  block: ['width', 'layers', 'heads', 'dropout'],
  masking: ['trainOn'],
  'next-item': ['tieWeights', 'weight', 'bias', 'similarity', 'projection'],
  optimizer: ['clipNorm'],
} as const

/**
 * A config with what the command line names in its place, and the defaults where neither says anything. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`, also for
 * flags of a head that the config does not have, and for parts that do not go together: all that can be told before any event is read.
 * `imported`: the block, where it is one that `blockFrom` reads.
 */
export function settleConfig(
  config: ConfigSections,
  given: readonly Given[],
  imported?: Block<MaskingKind>,
): Settled {
  const { inputs, masking, block, maxLength, heads } = config.model ?? {}
  const said = (area: Area): Options => valuesOf(given.filter(({ setting }) => setting.of === area))
  checkGiven(config.model ?? {})
  const flagged = <Part>(make: () => Part): Part => namingFlag(given, make)
  const made =
    imported ??
    flagged(() =>
      blockOfKind(...settledPart('block', block, { defaults: defaults('block'), said: said('block') })),
    )
  const masked = { defaults: { kind: made.supports[0]! }, said: said('masking') }
  const sizes: Options = {
    ...defaults('model'),
    ...(maxLength !== undefined && { maxLength }),
    ...said('model'),
  }
  const common = {
    masking: flagged(() => maskingOfKind(...settledPart('masking', masking, masked))),
    block: made,
    maxLength: sizes['maxLength'] as number,
  }
  const parts = settledHeads(heads ?? [NEXT_ITEM], given)
  const allInputs = { ...inputs, ...said('inputs') }
  flagged(() => {
    checkInputs(allInputs)
    checkTogether(common, parts)
  })
  return {
    model: (fitted, known = {}) =>
      model(fitted.schema, {
        ...common,
        ...known,
        inputs: allInputs,
        heads: parts.map(({ kind, options }) => headOfKind(kind, headOptions(kind, options, fitted))),
      }),
    content: allInputs.content?.features ?? [],
    train: flagged(() => settledTraining(config.train ?? {}, said)),
  }
}

/** Makes a part; an option that it refuses is told as the flag that gave it. */
function namingFlag<Part>(given: readonly Given[], make: () => Part): Part {
  try {
    return make()
  } catch (cause) {
    if (!(cause instanceof EnsuiteError) || !cause.code.startsWith('OPTION_')) throw cause
    // What else there is names options, too.
    const message = cause.message.split(' Known: ')[0]!
    const named = given.find(({ setting: { option } }) =>
      new RegExp(`(: '?|has no |no option '|^)${option}\\b(?!\\.\\w)`).test(message),
    )
    if (named === undefined) throw cause
    throw new EnsuiteError(cause.code, `${named.setting.flag.split(' ')[0]!}: ${cause.message}`, { cause })
  }
}

const NEXT_ITEM: PartConfig = { kind: 'next-item' }

const valuesOf = (given: readonly Given[]): Options =>
  Object.fromEntries(given.map(({ setting, value }) => [setting.option, value]))

/** What the command line has in an area where neither a flag nor a config says it. */
const defaults = (area: Area): Options =>
  Object.fromEntries(
    Object.values(settings)
      .flat()
      .flatMap(({ of, option, otherwise }) =>
        of === area && otherwise !== undefined ? [[option, otherwise]] : [],
      ),
  )

const chosen = (options: Options, names: readonly string[]): Options =>
  Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)))

/** The kind and the options of a part. */
function settledPart(
  of: 'block' | 'masking',
  config: PartConfig = {},
  given: { readonly defaults: Options; readonly said: Options },
): [kind: string, options: Options] {
  const { kind: otherwise, ...options } = given.defaults
  const { kind: asked, ...flags } = given.said
  const own = config.kind ?? (otherwise as string)
  const kind = (asked as string | undefined) ?? own
  // Not every block has heads.
  const known = (names: readonly string[]): readonly string[] =>
    of === 'block' ? names.filter((name) => blockOptions(kind).includes(name)) : names
  const kept = kind === own ? config.options : chosen(config.options ?? {}, known(KEPT[of]))
  return [kind, { ...chosen(options, known(Object.keys(options))), ...kept, ...flags }]
}

interface HeadPart {
  readonly kind: string
  readonly options: Options
}

function settledHeads(heads: readonly PartConfig[], given: readonly Given[]): readonly HeadPart[] {
  const own = given.filter(({ setting }) => setting.of === 'next-item')
  const flags = valuesOf(own)
  const all = heads.map(({ kind = '', options = {} }) => ({ kind, options }))
  if (own.length > 0 && !all.some(isNextItem)) {
    const flag = own[0]!.setting.flag.split(' ')[0]!
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${flag} is of the head that predicts the next item, and the config has: ${all.map(({ kind }) => kind).join(', ') || 'no head'}. Add { "kind": "next-item" } to model.heads, or leave ${flag} out.`,
    )
  }
  return all.map((head) => {
    if (!isNextItem(head)) return head
    const { loss = 'full-softmax' } = head.options
    const kept = (flags['loss'] ?? loss) === loss ? head.options : chosen(head.options, KEPT['next-item'])
    return { ...head, options: { ...kept, ...flags } }
  })
}

const isNextItem = ({ kind }: HeadPart): boolean => kind === NEXT_ITEM.kind

function settledTraining(train: TrainConfig, said: (area: Area) => Options): Settled['train'] {
  const averaging = { ...train.averaging, ...said('averaging') }
  const settled = {
    ...defaults('train'),
    ...train,
    ...said('train'),
    ...(Object.keys(averaging).length > 0 && { averaging }),
    optimizer: settledOptimizer(train.optimizer ?? {}, said('optimizer')),
    schedule: settledSchedule(train.schedule ?? {}, said('schedule')),
  } as Settled['train']
  checkTrainOptions(settled)
  return settled
}

/** With every option, too. Of another decay than the config's, what both have stays. */
function settledSchedule(config: ScheduleOptions, flags: Options): ScheduleOptions {
  const { decay: own = 'constant' } = config
  const decay = (flags['decay'] ?? own) as Decay
  const kept = decay === own ? config : chosen({ ...config }, Object.keys(scheduleDefaults(decay)))
  return scheduleOptions({ ...defaults('schedule'), ...kept, ...flags })
}

/** With every option, as an artifact keeps it. */
function settledOptimizer(config: OptimizerOptions, flags: Options): OptimizerOptions {
  const { kind: otherwise } = defaults('optimizer')
  const own = config.kind ?? (otherwise as string)
  const kept = (flags['kind'] ?? own) === own ? config : chosen({ ...config }, KEPT.optimizer)
  return optimizerOptions({ ...defaults('optimizer'), ...kept, ...flags })
}

/** Vectors that are given come from code: there is no file of them. */
function checkGiven({ inputs }: ModelConfig): void {
  const given = [
    ['pretrained', Object(inputs?.pretrained) as object, 'pretrained'],
    ['content.vectors', Object(inputs?.content?.vectors) as object, 'content'],
  ] as const
  for (const [where, tables, option] of given) {
    const [name] = Object.keys(tables)
    if (name !== undefined)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `model.inputs.${where} names '${name}', whose vectors the command line cannot give. Train from code, with model(schema, { ${option} }), or leave it out.`,
      )
  }
}

/** Enough that no loss asks for more. */
const TRIED_ITEMS = 1_000_000

/** Puts the parts together without the data, whose reading may take long. */
function checkTogether(common: Omit<ModelOptions, 'heads'>, parts: readonly HeadPart[]): void {
  const heads = parts.filter(isNextItem).map(({ kind, options }) => headOfKind(kind, options))
  model(
    { items: TRIED_ITEMS, categorical: {}, continuous: [] },
    { ...common, heads: heads.length === 0 ? [nextItem()] : heads },
  )
}
