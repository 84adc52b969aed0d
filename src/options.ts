import { EnsuiteError } from './errors.ts'

/** Throws `OPTION_UNKNOWN` for the first key of `options` that is not in `known`, naming the nearest one. */
export function checkOptions(where: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || (options as unknown) === null || Array.isArray(options))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where} expects an object of options, received ${shown(options)}. ${knownOptions(known)}`,
    )
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue
    const nearest = nearestWord(key, known)
    throw new EnsuiteError(
      'OPTION_UNKNOWN',
      `${where} has no option '${key}'.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`} ${knownOptions(known)}`,
    )
  }
}

const knownOptions = (known: readonly string[]): string =>
  known.length === 0 ? 'It takes none.' : `Known: ${known.join(', ')}.`

/** Throws `OPTION_INVALID` unless `isGood`. `what` is expected: what it is, and where it comes from. */
export function checkGiven(
  where: string,
  given: unknown,
  { what, isGood }: { readonly what: string; readonly isGood: boolean },
): void {
  if (isGood) return
  const advice = given instanceof Promise ? ' Wait for it: await.' : ''
  throw new EnsuiteError('OPTION_INVALID', `${where} expects ${what}, received ${shown(given)}.${advice}`)
}

/** Throws `OPTION_INVALID` unless `path` is a text that is not empty, which would be the current folder. */
export const checkPath = (where: string, path: unknown, what = 'a folder'): void =>
  checkGiven(where, path, { what: `the path of ${what}`, isGood: typeof path === 'string' && path !== '' })

/** Throws `OPTION_INVALID` for what compiles no graphs. */
export const checkRuntime = (where: string, runtime: unknown): void =>
  checkGiven(where, runtime, {
    what: 'a runtime, such as nodeRuntime()',
    isGood: typeof (Object(runtime) as { readonly compile?: unknown }).compile === 'function',
  })

/** Throws `OPTION_INVALID` for the first of these options that is given: whoever gives it expects that it does something. */
export function refuseUseless(
  where: string,
  options: object,
  names: readonly string[],
  beside: string,
): void {
  const given = names.find((name) => (options as Readonly<Record<string, unknown>>)[name] !== undefined)
  if (given !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}: ${given} changes nothing beside ${beside}. Leave one of them out.`,
    )
}

/** Options but for these: what changes nothing is not saved. */
export const without = <Options extends object>(options: Options, names: readonly string[]): Options =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name))) as Options

/** Throws `OPTION_INVALID` unless `value` is a list of different texts. */
export function checkDifferent(where: string, value: readonly string[]): void {
  const twice = value.find((each, at) => value.indexOf(each) !== at)
  if (twice !== undefined)
    throw new EnsuiteError('OPTION_INVALID', `${where} names '${twice}' twice. Name it once.`)
}

/** Throws `OPTION_INVALID` unless `value` is a finite number inside the range. */
export function checkNumber(
  where: string,
  value: number,
  range: {
    readonly integer?: boolean
    readonly min?: number
    readonly max?: number
    readonly below?: number
    readonly above?: number
  },
): void {
  const { integer = false, min, max, below, above } = range
  const good =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (!integer || Number.isInteger(value)) &&
    (min === undefined || value >= min) &&
    (max === undefined || value <= max) &&
    (below === undefined || value < below) &&
    (above === undefined || value > above)
  if (good) return
  const bounds = [
    min === undefined ? [] : [`at least ${min}`],
    above === undefined ? [] : [`above ${above}`],
    max === undefined ? [] : [`at most ${max}`],
    below === undefined ? [] : [`below ${below}`],
  ].flat()
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${where} must be ${integer ? 'a whole number' : 'a number'}${bounds.length > 0 ? ` ${bounds.join(' and ')}` : ''}, received ${shown(value)}.`,
  )
}

/** A value in a message: texts in quotes, so that '5' and 5 differ. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 100)}'`
  if (typeof value === 'function') return 'a function'
  if (value instanceof Promise) return 'a promise of one'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return String(value)
}

/** Throws `OPTION_INVALID` unless `value` is one of `choices`. */
export function checkChoice(where: string, value: unknown, choices: readonly string[]): void {
  if (typeof value === 'string' && choices.includes(value)) return
  const nearest = typeof value === 'string' ? nearestWord(value.slice(0, 100), choices) : undefined
  throw new EnsuiteError(
    'OPTION_INVALID',
    `${where} must be one of ${choices.join(', ')}, received ${shown(value)}.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`}`,
  )
}

/** Throws `OPTION_INVALID` unless `value` is true or false. */
export function checkBoolean(where: string, value: unknown): void {
  if (typeof value === 'boolean') return
  throw new EnsuiteError('OPTION_INVALID', `${where} must be true or false, received ${shown(value)}.`)
}

/** Throws `OPTION_INVALID` unless `value` is a list of texts. */
export function checkTexts(where: string, value: unknown): void {
  if (value instanceof Array && value.every((each) => typeof each === 'string')) return
  throw new EnsuiteError('OPTION_INVALID', `${where} must be a list of names, received ${shown(value)}.`)
}

/** The word of `words` at the smallest edit distance from `word`, if it is near enough to be a slip. */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  const own = words.find((candidate) => candidate.trim().toLowerCase() === word.trim().toLowerCase())
  if (own !== undefined) return own
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const candidate of words) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const substitution = previous[column - 1]! + (left[row - 1] === right[column - 1] ? 0 : 1)
      current.push(Math.min(previous[column]! + 1, current[column - 1]! + 1, substitution))
    }
    previous = current
  }
  return previous[right.length]!
}
