import { EnsuiteError } from '../errors.ts'
import type { Model } from '../model.ts'
import type { Parameter } from '../nn/index.ts'
import { checkBoolean, checkNumber, checkOptions } from '../options.ts'

/** How some of the parameters are trained otherwise than the rest. Of several that name one parameter, the last counts. */
export interface PartOptions {
  /**
   * Whose parameters: `inputs`, `block`, `heads` or `masking`; or names of parameters, where `*` stands for anything and a beginning that ends before a dot for all behind it: `item.weight`, `layers.0`, `*.bias`.
   * A model's `parameters` have the names, as `weights.safetensors` of an artifact.
   */
  readonly match: string
  /** Factor of the learning rate, 0 or more; default 1. */
  readonly learningRate?: number
  /** In place of the optimizer's; biases and norms are never decayed. */
  readonly weightDecay?: number
  /** Keeps what they are at the start: no gradient is computed, no moments are held, and the norm of the gradient is without them; default false. */
  readonly frozen?: boolean
}

/** What is otherwise for one parameter. */
export type Treatment = Omit<PartOptions, 'match'>

/** Parts of a model that can be named. The block's parameters have the names of its architecture, and are all others. */
const BEGINNINGS = {
  inputs: [
    ...['item', 'categorical', 'continuous', 'pretrained', 'content', 'context'],
    ...['projection', 'merge', 'stack', 'feature_norm'],
  ],
  heads: ['head'],
  masking: ['masking', 'discriminator'],
} as const

/** Throws `OPTION_UNKNOWN` and `OPTION_INVALID` for what is no list of parts. */
export function checkPartOptions(parts: readonly PartOptions[]): void {
  if (!Array.isArray(parts)) throw invalid(`a list, such as [{ match: 'block', learningRate: 0.1 }]`)
  for (const [at, part] of (parts as readonly PartOptions[]).entries()) {
    const where = `train: parts[${at}]`
    checkOptions(where, part, ['match', 'learningRate', 'weightDecay', 'frozen'])
    const { match, learningRate, weightDecay, frozen } = part
    if (typeof match !== 'string' || match === '')
      throw invalid(`parts with a match each, such as { match: 'item.weight', frozen: true }`)
    if (learningRate !== undefined) checkNumber(`${where}: learningRate`, learningRate, { min: 0 })
    if (weightDecay !== undefined) checkNumber(`${where}: weightDecay`, weightDecay, { min: 0 })
    if (frozen !== undefined) checkBoolean(`${where}: frozen`, frozen)
    if (frozen === true && (learningRate ?? weightDecay) !== undefined)
      throw invalid(`no learningRate and no weightDecay beside frozen (parts[${at}], '${match}')`)
  }
}

/** What is otherwise for each parameter, by name. Throws what `checkPartOptions` does, and `OPTION_INVALID` for a match of nothing that is trained, or where nothing is left to train. */
export function treatments(
  { parameters }: Pick<Model, 'parameters'>,
  parts: readonly PartOptions[],
): ReadonlyMap<string, Treatment> {
  checkPartOptions(parts)
  const trained = parameters.filter(({ trainable }) => trainable)
  const found = new Map<string, Treatment>()
  for (const { match, ...treatment } of parts) {
    const matched = trained.filter(({ name }) => matches(match, name))
    if (matched.length === 0)
      throw invalid(
        `matches of parameters that are trained, and '${match}' names none. There are: ${places(trained).join(', ')}`,
      )
    for (const { name } of matched) found.set(name, treatment)
  }
  if (trained.every(({ name }) => found.get(name)?.frozen === true))
    throw invalid('something that is not frozen, and nothing is left to train')
  return found
}

function matches(match: string, name: string): boolean {
  if (match === 'block')
    return Object.values(BEGINNINGS)
      .flat()
      .every((place) => !startsWith(name, place))
  if (match in BEGINNINGS)
    return BEGINNINGS[match as keyof typeof BEGINNINGS].some((place) => startsWith(name, place))
  const pattern = match.split('*').map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${pattern.join('.*')}(\\.|$)`, 's').test(name)
}

const startsWith = (name: string, place: string): boolean => name === place || name.startsWith(`${place}.`)

/** The parts that a model has, then its parameters by all but the last word of their names. */
function places(trained: readonly Parameter[]): readonly string[] {
  const parts = ['block', ...Object.keys(BEGINNINGS)]
  return [
    ...parts.filter((part) => trained.some(({ name }) => matches(part, name))),
    ...new Set(trained.map(({ name }) => (name.includes('.') ? name.replace(/\.[^.]*$/, '') : name))),
  ]
}

const invalid = (what: string): EnsuiteError =>
  new EnsuiteError('OPTION_INVALID', `train: parts expects ${what}.`)
