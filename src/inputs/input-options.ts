import { EnsuiteError } from '../errors.ts'
import {
  checkBoolean,
  checkChoice,
  checkDifferent,
  checkNumber,
  checkOptions,
  checkTexts,
} from '../options.ts'
import { aggregations, type AggregationKind } from './aggregations.ts'
import { contentWidths, settledContent, type ContentOptions, type SettledContent } from './content-options.ts'
import type { FeatureSchema } from './feature-schema.ts'

export const continuousKinds = ['plain', 'each', 'together', 'soft'] as const
export const combinerKinds = ['mean', 'sum', 'max'] as const
export const fusionKinds = ['repeat', 'multiply', 'add', 'concat'] as const
type ContinuousKind = (typeof continuousKinds)[number]
type CombinerKind = (typeof combinerKinds)[number]
type FusionKind = (typeof fusionKinds)[number]

/** How the features of an event become one vector. JSON-safe, and saved with the model. */
export interface InputOptions {
  /** Features that are no input, such as one that a head predicts of a whole session. */
  readonly leaveOut?: readonly string[]
  /**
   * `concat` (the default): all beside each other, then one linear layer to the model's width. `sum`: all at the model's width, added. `item-product`: the item times
   * 1 + the sum of the others (de Souza Pereira Moreira et al. 2021). `stack`: as `sum`, with a weight a feature that is learnt.
   */
  readonly aggregation?: AggregationKind
  /** Width of the item embeddings; default the model's. */
  readonly itemWidth?: number
  /** Widths of categorical features, for `concat`, and of context columns that are fused after the block; default 1.6·codes^0.56 (fast.ai's rule), 4 at least and the model's at most. */
  readonly widths?: Readonly<Record<string, number>>
  /** Lists of features that look their codes up in one table: they must have as many codes, as `jointly` gives them. Whether these mean the same values is not known here. */
  readonly shared?: readonly (readonly string[])[]
  /** Deviation of the starting values of all tables; default 0.02. */
  readonly deviation?: number
  /** Features of several values, by a name of their own: each value is a categorical feature, and all have one table. Reserved codes count as no value. */
  readonly lists?: Readonly<Record<string, ListOptions>>
  /**
   * Numbers as they are (`plain`, the default), each through a linear layer (`each`), all through one (`together`), or as a mixture of vectors that are learnt
   * (`soft`: softmax of a linear layer, weighing them; Zhang et al. 2020 in the paper's soft one-hot encoding).
   */
  readonly continuous?: ContinuousKind
  /** Of `soft`: how many vectors a number has (default 10), and their width (default 8). */
  readonly soft?: { readonly vectors?: number; readonly width?: number }
  /** Tables of vectors that are given, by a name of their own; `model` gets the vectors as `pretrained`. */
  readonly pretrained?: Readonly<Record<string, PretrainedOptions>>
  /** What makes an item's embedding beside a vector of its own, so that a new item has one; `model` gets what is known of the items as `content`. */
  readonly content?: ContentOptions
  /** Features of the session: what its first event says counts for all of it. */
  readonly context?: ContextOptions
  /** Sizes of hidden layers between the aggregation and the block, with ReLU; default none. */
  readonly merge?: readonly number[]
  /** Whether each feature's vector is normalised before the aggregation; default false. Numbers as they are have none. */
  readonly layerNorm?: boolean
  /** Of each feature's vector; default 0. */
  readonly dropout?: number
  /** Probability that an event is exchanged, with all its features, for another one of the batch in training; default 0. Labels stay what they are. */
  readonly swapNoise?: number
}

export interface ListOptions {
  readonly of: readonly string[]
  readonly combiner?: CombinerKind
}

export interface PretrainedOptions {
  /** The categorical feature that the vectors belong to; default the item. */
  readonly of?: string
  /** Numbers of a vector. */
  readonly width: number
  /** Whether training changes them; default false. */
  readonly trainable?: boolean
  /** Width that a linear layer takes them to; default the model's. */
  readonly projection?: number
  /** Whether each vector is scaled to length 1 before it is used; default true. */
  readonly normalise?: boolean
}

export interface ContextOptions {
  readonly columns: readonly string[]
  /**
   * `repeat` (the default): a feature of every event. After the block: `multiply` the states by 1 + a linear layer of it (Beutel et al., Latent Cross, 2018), `add` one,
   * or `concat` it and project.
   */
  readonly fusion?: FusionKind
}

export type Inputs = Required<Omit<InputOptions, 'itemWidth' | 'soft' | 'context' | 'content'>> & {
  readonly itemWidth?: number
  /** There with `continuous: 'soft'`. */
  readonly soft?: { readonly vectors: number; readonly width: number }
  readonly content?: SettledContent
  readonly context: Required<ContextOptions>
}

export const inputOptions: readonly string[] = [
  ...['leaveOut', 'aggregation', 'itemWidth', 'widths', 'shared', 'deviation', 'lists', 'continuous', 'soft'],
  ...['pretrained', 'content', 'context', 'merge', 'layerNorm', 'dropout', 'swapNoise'],
]

/** All options with their defaults. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`, also for a feature that the schema does not have. */
export function resolveInputs(schema: FeatureSchema, options: InputOptions = {}): Inputs {
  const all = checkInputs(options)
  checkNames(schema, all)
  checkUsed(schema, options, all)
  return all
}

/** All options with their defaults, as far as they can be checked without a schema. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
export function checkInputs(options: InputOptions): Inputs {
  checkOptions('inputs', options, inputOptions)
  const { soft: givenSoft, content, context = { columns: [] }, itemWidth, ...others } = options
  const soft = givenSoft ?? {}
  checkOptions('inputs: soft', soft, ['vectors', 'width'])
  checkOptions('inputs: context', context, ['columns', 'fusion'])
  const all: Inputs = {
    leaveOut: [],
    aggregation: 'concat',
    widths: {},
    shared: [],
    deviation: 0.02,
    lists: {},
    continuous: 'plain',
    pretrained: {},
    merge: [],
    layerNorm: false,
    dropout: 0,
    swapNoise: 0,
    ...others,
    ...(itemWidth !== undefined && { itemWidth }),
    ...(others.continuous === 'soft' && { soft: { vectors: 10, width: 8, ...soft } }),
    ...(content !== undefined && { content: settledContent(content) }),
    context: { fusion: 'repeat', ...context },
  }
  checkTexts('inputs: leaveOut', all.leaveOut)
  checkTexts('inputs: context.columns', all.context.columns)
  if (!(all.merge instanceof Array)) throw refused('merge is a list of sizes, such as [64].')
  if (!(all.shared instanceof Array)) throw refused('shared is a list of lists of features.')
  for (const [at, group] of all.shared.entries()) checkTexts(`inputs: shared[${at}]`, group)
  checkChoice('inputs: aggregation', all.aggregation, Object.keys(aggregations))
  checkChoice('inputs: continuous', all.continuous, continuousKinds)
  checkChoice('inputs: context.fusion', all.context.fusion, fusionKinds)
  checkBoolean('inputs: layerNorm', all.layerNorm)
  checkNumber('inputs: deviation', all.deviation, { above: 0 })
  checkNumber('inputs: dropout', all.dropout, { min: 0, below: 1 })
  checkNumber('inputs: swapNoise', all.swapNoise, { min: 0, below: 1 })
  const widths = {
    ...(itemWidth !== undefined && { itemWidth }),
    ...(all.soft && { 'soft.vectors': all.soft.vectors, 'soft.width': all.soft.width }),
    ...Object.fromEntries(Object.entries(all.widths).map(([name, width]) => [`widths.${name}`, width])),
    ...Object.fromEntries(all.merge.map((width, at) => [`merge[${at}]`, width])),
    ...contentWidths(all.content),
  }
  for (const [name, width] of Object.entries(widths))
    checkNumber(`inputs: ${name}`, width, { integer: true, min: 1, max: 65_536 })
  checkDifferent('inputs: leaveOut', all.leaveOut)
  checkDifferent('inputs: context.columns', all.context.columns)
  checkWidths(all)
  return all
}

const refused = (message: string): EnsuiteError => new EnsuiteError('OPTION_INVALID', `inputs: ${message}`)

function checkNames(schema: FeatureSchema, all: Inputs): void {
  const categorical = Object.keys(schema.categorical)
  const known = (where: string, names: readonly string[], among: readonly string[]): void => {
    const unknown = names.find((name) => !among.includes(name))
    if (unknown !== undefined)
      throw refused(`${where} names '${unknown}', which is none of ${among.join(', ') || '(no features)'}.`)
  }
  const both = [...categorical, ...schema.continuous]
  known('leaveOut', all.leaveOut, both)
  known('context.columns', all.context.columns, both)
  known('widths', Object.keys(all.widths), categorical)
  known('content.features', all.content?.features ?? [], both)
  for (const group of all.shared) {
    known('shared', group, categorical)
    sameCodes(schema, 'shared', group)
  }
  for (const [name, list] of Object.entries(all.lists)) {
    checkOptions(`inputs: lists.${name}`, list, ['of', 'combiner'])
    checkChoice(`inputs: lists.${name}.combiner`, list.combiner ?? 'mean', combinerKinds)
    checkTexts(`inputs: lists.${name}.of`, list.of)
    if (list.of.length === 0) throw refused(`lists.${name} has no features. Name some, or leave it out.`)
    known(`lists.${name}`, list.of, categorical)
    sameCodes(schema, `lists.${name}`, list.of)
  }
  for (const [name, table] of Object.entries(all.pretrained)) {
    checkOptions(`inputs: pretrained.${name}`, table, ['of', 'width', 'trainable', 'projection', 'normalise'])
    checkNumber(`inputs: pretrained.${name}.width`, table.width, { integer: true, min: 1, max: 65_536 })
    if (table.projection !== undefined)
      checkNumber(`inputs: pretrained.${name}.projection`, table.projection, {
        integer: true,
        min: 1,
        max: 65_536,
      })
    for (const flag of ['trainable', 'normalise'] as const)
      if (table[flag] !== undefined) checkBoolean(`inputs: pretrained.${name}.${flag}`, table[flag])
    if (table.of !== undefined) known(`pretrained.${name}.of`, [table.of], categorical)
  }
  const used = [...all.context.columns, ...Object.values(all.lists).flatMap(({ of }) => of)]
  const contradicted = used.find((name) => all.leaveOut.includes(name))
  if (contradicted !== undefined)
    throw refused(`'${contradicted}' is left out, and in lists or context as well. Choose one.`)
  const own = [
    ...Object.keys(all.lists),
    ...Object.keys(all.pretrained),
    ...Object.keys(all.content?.vectors ?? {}),
  ]
  const taken = own.find((name, at) => both.includes(name) || own.indexOf(name) !== at)
  if (taken !== undefined)
    throw refused(`two inputs are called '${taken}'. Give the list or table another name.`)
}

/** Codes of one table must mean the same values. */
function sameCodes({ categorical }: FeatureSchema, where: string, names: readonly string[]): void {
  const [first, ...others] = names
  const other = others.find((name) => categorical[name] !== categorical[first!])
  if (other !== undefined)
    throw refused(
      `${where} puts '${first!}' of ${categorical[first!]!} codes and '${other}' of ${categorical[other]!} into one table. Give them one vocabulary, with features.jointly.`,
    )
}

/** Context columns that are no feature of an event. */
const fusedColumns = ({ columns, fusion }: Required<ContextOptions>): readonly string[] =>
  fusion === 'repeat' ? [] : columns

/** Throws `OPTION_INVALID` for widths where all features have the model's. */
function checkWidths({ aggregation, itemWidth, widths, pretrained, context }: Inputs): void {
  if (!aggregations[aggregation].atModelWidth) return
  const projected = Object.keys(pretrained).find((name) => pretrained[name]!.projection !== undefined)
  const own = [
    itemWidth === undefined ? [] : ['itemWidth'],
    Object.keys(widths).every((name) => fusedColumns(context).includes(name)) ? [] : ['widths'],
    projected === undefined ? [] : [`pretrained.${projected}.projection`],
  ].flat()[0]
  if (own !== undefined)
    throw refused(`${own} goes with aggregation 'concat'; '${aggregation}' takes all at the model's width.`)
}

/** Throws `OPTION_INVALID` for what would change nothing: whoever gives it expects that it does. */
function checkUsed(schema: FeatureSchema, options: InputOptions, all: Inputs): void {
  const { lists, shared, widths, context } = all
  const listed = Object.values(lists).flatMap(({ of }) => of)
  const grouped = shared.flat()
  const twice = [...new Set(listed), ...new Set(grouped)].find(
    (name, at, names) => names.indexOf(name) !== at,
  )
  const repeated = [listed, grouped].map((names) => names.find((name, at) => names.indexOf(name) !== at))
  const doubled = twice ?? repeated[0] ?? repeated[1]
  if (doubled !== undefined)
    throw refused(`'${doubled}' is in two of lists and shared. It has one table: name it once.`)
  const small = shared.find((group) => group.length < 2)
  if (small !== undefined)
    throw refused(`shared has a group of one, [${small.join()}]. Name two features or more.`)
  if (options.soft !== undefined && all.continuous !== 'soft')
    throw refused(`soft goes with continuous 'soft', not '${all.continuous}'. Leave it out, or choose that.`)
  if (all.continuous !== 'plain' && schema.continuous.length === 0)
    throw refused(
      `continuous is '${all.continuous}', and no feature is a number. Leave it out, or add a number to the workflow.`,
    )
  if (context.fusion !== 'repeat' && context.columns.length === 0)
    throw refused('context has a fusion and no columns. Name features of the session, or leave it out.')
  const first = [...Object.values(lists).map(({ of }) => of), ...shared]
  for (const name of Object.keys(widths)) {
    // What is fused after the block has a table of its own.
    if (fusedColumns(context).includes(name)) continue
    const group = first.find((names) => names.slice(1).includes(name))
    if (group !== undefined)
      throw refused(
        `widths names '${name}', whose table is that of '${group[0]!}'. Give the width to that one.`,
      )
    if (all.leaveOut.includes(name))
      throw refused(`widths names '${name}', which is no feature of an event here. Leave the width out.`)
  }
}
