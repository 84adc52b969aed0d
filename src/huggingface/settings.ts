import { isRecord } from '../artifact/index.ts'
import { unfit } from './refusals.ts'

/** A `config.json` as it was parsed. */
export type Config = Readonly<Record<string, unknown>>

export type Activation = 'gelu' | 'gelu_new' | 'relu'

/** Reads the settings of a `config.json`; one that is left out has Hugging Face's default. Each throws `PRETRAINED_INVALID`. */
export interface Settings {
  /** A whole number, 1 or more. */
  readonly whole: (name: string, otherwise: number) => number
  /** A whole number that a list has one of for each of so many layers, all of them the same; or one for all. */
  readonly alike: (name: string, otherwise: number, layers: number) => number
  readonly number: (name: string, otherwise: number) => number
  readonly truth: (name: string, otherwise: boolean) => boolean
  /** Refuses a value that is none of `values`, which are what the block computes with the other settings. */
  readonly only: (name: string, values: readonly unknown[], otherwise: unknown) => void
  /** The settings that stand together under a name; none where it is left out. */
  readonly part: (name: string) => Settings
  /** The activation under the name that our blocks give it. */
  readonly activation: (name: string, otherwise: Activation) => Activation
  /** The width of the feed-forward layer as a multiple of `width`. `only`: the one that the block has. */
  readonly expansion: (
    name: string,
    sizes: { readonly width: number; readonly otherwise: number; readonly only?: number },
  ) => number
}

/** What Hugging Face calls the activations that our blocks have: `gelu_new` there and here is the tanh approximation. */
const activations: Readonly<Record<string, Activation>> = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'gelu_new',
  gelu_fast: 'gelu_new',
  gelu_accurate: 'gelu_new',
  gelu_pytorch_tanh: 'gelu_new',
  relu: 'relu',
}

/** Far above what a checkpoint has: a number that no file could back would have a graph built without end. */
const MOST = 10_000_000

export function settingsOf(config: Config): Settings {
  const given = (name: string): unknown => valueOf(config, name)
  const whole = (name: string, otherwise: number): number => wholeOf(name, given(name) ?? otherwise)
  const wholeOf = (name: string, value: unknown): number => {
    if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST) return value as number
    throw unfit(
      `config.json sets '${name}' to ${shown(value)}, and a whole number from 1 to ${MOST} is expected.`,
    )
  }
  return {
    whole,
    alike: (name, otherwise, layers) => {
      const value = given(name) ?? otherwise
      const all = Array.isArray(value) ? (value as unknown[]) : Array<unknown>(layers).fill(value)
      if (all.length === layers && all.every((each) => each === all[0])) return wholeOf(name, all[0])
      throw unfit(
        `config.json sets '${name}' to ${shown(value)}, and a block has ${layers} layers, which are alike. Choose another checkpoint, or a block that starts anew.`,
      )
    },
    number: (name, otherwise) => {
      const value = given(name) ?? otherwise
      if (typeof value === 'number' && Number.isFinite(value)) return value
      throw unfit(`config.json sets '${name}' to ${shown(value)}, and a number is expected.`)
    },
    truth: (name, otherwise) => {
      const value = given(name) ?? otherwise
      if (typeof value === 'boolean') return value
      throw unfit(`config.json sets '${name}' to ${shown(value)}, and true or false is expected.`)
    },
    only: (name, values, otherwise) => {
      const value = given(name) ?? otherwise
      if (values.includes(value)) return
      throw unfit(
        `config.json has ${shown(value)} for '${name}', and the block computes only what ${values.map(shown).join(' or ')} gives. Choose another checkpoint, or a block that starts anew.`,
      )
    },
    part: (name) => {
      const value = given(name) ?? {}
      if (isRecord(value)) return settingsOf(value)
      throw unfit(`config.json sets '${name}' to ${shown(value)}, and settings are expected.`)
    },
    activation: (name, otherwise) => {
      const value = given(name) ?? otherwise
      const known = typeof value === 'string' && Object.hasOwn(activations, value)
      if (known) return activations[value]!
      throw unfit(
        `config.json sets '${name}' to ${shown(value)}, which no block computes. There are: ${Object.keys(activations).join(', ')}.`,
      )
    },
    expansion: (name, { width, otherwise, only }) => {
      const inner = whole(name, otherwise)
      const times = inner / width
      if (only === undefined ? Number.isInteger(times) : times === only) return times
      throw unfit(
        `config.json sets '${name}' to ${inner}, which is not ${only === undefined ? 'a whole multiple of' : `${only} times`} the width ${width}, as the feed-forward layers of the block are.`,
      )
    },
  }
}

/** The value of a setting; undefined where it is left out, or null. */
export const valueOf = (config: Config, name: string): unknown =>
  Object.hasOwn(config, name) ? (config[name] ?? undefined) : undefined

/** A setting in a message. */
export const shown = (value: unknown): string => JSON.stringify(value).slice(0, 80)

/** Settings that change what is computed, each with the values that a block computes. Throws `PRETRAINED_INVALID` for another. */
export function checkSame(
  config: Config,
  kind: string,
  same: Readonly<Record<string, readonly unknown[]>>,
): void {
  for (const [name, values] of Object.entries(same)) {
    const value = Object.hasOwn(config, name) ? config[name] : undefined
    // Null is read as false is.
    const isOff = value === null && values.every((each) => each === false || typeof each === 'object')
    if (value === undefined || isOff || values.some((each) => JSON.stringify(each) === JSON.stringify(value)))
      continue
    throw unfit(
      `config.json sets '${name}' to ${shown(value)}, and block '${kind}' computes ${values.length === 0 ? 'what is computed without it' : `only what ${values.map(shown).join(' or ')} gives`}. Choose another checkpoint, or a block that starts anew.`,
    )
  }
}
