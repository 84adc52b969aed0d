import { isSource, type Sessions } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkLeakage, type LeakFinding, type LeakageInput } from '../leakage/index.ts'
import type { Output } from './output.ts'
import type { TrainingData, TrainingInput } from './training-data.ts'

export interface LeakOptions extends Pick<LeakageInput, 'context' | 'now'> {
  readonly input: TrainingInput
  /** Whether an error ends the run. */
  readonly strict: boolean
  /** The flag that asks for this, where it is no use without it. */
  readonly asked?: string | undefined
}

/** Of a divided prepared folder, which may be more than memory holds: so many events are read at once. */
const MOST_EVENTS = 5_000_000

/**
 * Looks for leaks in what is trained on, and says each that is no design of the split. Nothing for a prepared folder that is read in pieces and too large to be read at once.
 * Throws `LEAKAGE_FOUND` where one is an error and `strict` says so; `OPTION_INVALID` where nothing can be looked at, and it was asked for.
 */
export async function lookForLeaks(
  data: TrainingData,
  options: LeakOptions & { readonly asked: string },
  output: Output,
): Promise<readonly LeakFinding[]>
export async function lookForLeaks(
  data: TrainingData,
  options: LeakOptions,
  output: Output,
): Promise<readonly LeakFinding[] | undefined>
export async function lookForLeaks(
  data: TrainingData,
  { input, strict, asked, ...known }: LeakOptions,
  output: Output,
): Promise<readonly LeakFinding[] | undefined> {
  const { validation, test, fitted } = data
  const train = await inMemory(data, output, strict ? '--strict-leakage' : asked)
  if (train === undefined) return undefined
  const findings = checkLeakage({
    ...{ train, validation, test, fitted, ...known },
    ...divisionOf(data, input),
  })
  const serious = findings.filter(({ severity }) => severity !== 'by-design')
  for (const finding of serious) output.note(leakLine(finding))
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (strict && errors.length > 0)
    throw new EnsuiteError(
      'LEAKAGE_FOUND',
      `${[...new Set(errors.map(({ kind }) => kind))].join(', ')} found, and --strict-leakage ends the run there. Mend what the lines above say, or leave it out.`,
    )
  return findings
}

/** All training sessions. Nothing where they are more than is read at once; then throws `OPTION_INVALID` where a flag needs them. */
async function inMemory(
  { train, folder }: TrainingData,
  output: Output,
  asked: string | undefined,
): Promise<Sessions | undefined> {
  if (!isSource(train)) return train
  const { path, events, train: whole } = folder!
  if (events <= MOST_EVENTS) return whole()
  const why = `${path} holds ${events} events, more than the ${MOST_EVENTS} that are read at once`
  if (asked !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${asked} reads all sessions at once, and ${why}. Prepare a part of the events to look at, or leave ${asked} out.`,
    )
  output.note(`Leaks are not looked for: ${why}.`)
  return undefined
}

/** How the parts came to be. */
function divisionOf(
  { split, folder }: TrainingData,
  input: TrainingInput,
): Pick<LeakageInput, 'split' | 'learnFrom' | 'extended'> {
  // Who trains there is drawn by session; what was learnt from may have been cut off or left out since.
  if (folder !== undefined) return { split: 'random', extended: true }
  return {
    ...(split.kind !== 'prepared' && { split: split.kind }),
    ...('events' in input && {
      learnFrom: input.learnFromAll ? 'all' : 'training',
      extended: input.extend !== undefined,
    }),
  }
}

/** `Leak (error) duplicate-sessions: … Such as a = b.` */
export function leakLine({ severity, kind, message, examples }: LeakFinding): string {
  // A feature is named in the message already.
  const such = examples.every((example) => message.includes(`'${example}'`))
    ? ''
    : ` Such as ${examples.join(', ')}.`
  return `Leak (${severity}) ${kind}: ${message}${such}`
}
