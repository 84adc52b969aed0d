import { checkBoolean, checkNumber, checkOptions } from '../options.ts'

type Range = Parameters<typeof checkNumber>[2]

/** What a number of this name may be, in every baseline that has it. */
const numbers = {
  neighbours: { integer: true, min: 1 },
  sampleSize: { integer: true, min: 0 },
  idfWeight: { min: 0 },
  positionDecay: { above: 0 },
  decayDays: { above: 0 },
  distanceDecay: { above: 0 },
  matchDecay: { above: 0 },
  halfLifeMs: { above: 0 },
  steps: { integer: true, min: 1, max: 100_000 },
  shrinkage: { min: 0 },
  balance: { min: 0, max: 1 },
  regularisation: { above: 0 },
} as const satisfies Readonly<Record<string, Range>>

/** Defaults of which every number has its range above: one that is forgotten there does not compile. */
type Ranged<Options> = {
  readonly [Name in keyof Options]: [Extract<Options[Name], number>] extends [never]
    ? Options[Name]
    : Name extends keyof typeof numbers
      ? Options[Name]
      : never
}

/**
 * The options of a baseline over its defaults, each of the type of its default; texts of which some are known are for the caller to check. Where a number may be `false`, `switchable` names it.
 * Throws `OPTION_UNKNOWN` and `OPTION_INVALID`.
 */
export function settledOptions<Options extends object>(
  kind: string,
  options: Partial<Options>,
  defaults: Options & Ranged<Options>,
  switchable: readonly string[] = [],
): Options {
  const where = `baselines.${kind}`
  checkOptions(where, options, Object.keys(defaults))
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const full: Options = { ...defaults, ...Object.fromEntries(given) }
  for (const [name, value] of Object.entries(full) as [keyof typeof numbers, unknown][]) {
    if (switchable.includes(name) && value === false) continue
    if (Object.hasOwn(numbers, name)) checkNumber(`${where}: ${name}`, value as number, numbers[name])
    else if (typeof defaults[name as never] === 'boolean') checkBoolean(`${where}: ${name}`, value)
  }
  return full
}
