import { checkBoolean, checkNumber, checkOptions } from '../options.ts'

type Range = Parameters<typeof checkNumber>[2]

/** What a number of this name may be, in every baseline that has it. */
const numbers: Readonly<Record<string, Range>> = {
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
}

const truths: readonly string[] = ['remind', 'pushReminders']

/** The options of a baseline over its defaults. Where the default of a number or a number beside it may be `false`, `switchable` names it. Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
export function settledOptions<Options extends object>(
  kind: string,
  options: Partial<Options>,
  defaults: Options,
  switchable: readonly string[] = [],
): Options {
  const where = `baselines.${kind}`
  checkOptions(where, options, Object.keys(defaults))
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const full: Options = { ...defaults, ...Object.fromEntries(given) }
  for (const [name, value] of Object.entries(full) as [string, unknown][]) {
    if (switchable.includes(name) && value === false) continue
    const range = numbers[name]
    if (range !== undefined) checkNumber(`${where}: ${name}`, value as number, range)
    if (truths.includes(name)) checkBoolean(`${where}: ${name}`, value)
  }
  return full
}
