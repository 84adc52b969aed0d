import { isSource } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkLeakage, type LeakFinding, type LeakageInput } from '../leakage/index.ts'
import type { Output } from './output.ts'
import type { TrainingData, TrainingInput } from './training-data.ts'

export interface LeakOptions extends Pick<LeakageInput, 'context' | 'now'> {
  readonly input: TrainingInput
  /** Whether an error ends the run. */
  readonly strict: boolean
}

/**
 * Looks for leaks in what is trained on, and says each that is no design of the split. Nothing for a prepared folder that is read in pieces, of which no part is whole.
 * Throws `LEAKAGE_FOUND` where one is an error and `strict` says so.
 */
export function lookForLeaks(
  { train, validation, test, fitted, split }: TrainingData,
  { input, strict, ...known }: LeakOptions,
  output: Output,
): readonly LeakFinding[] | undefined {
  if (isSource(train)) {
    output.note(
      'Leaks are not looked for in a divided prepared folder, which is read in pieces: give the events to --check.',
    )
    return undefined
  }
  const isLog = 'events' in input
  const findings = checkLeakage({
    ...{ train, validation, test, fitted, ...known },
    ...(split.kind !== 'prepared' && { split: split.kind }),
    ...(isLog && {
      learnFrom: input.learnFromAll ? 'all' : 'training',
      extended: input.extend !== undefined,
    }),
  })
  const serious = findings.filter(({ severity }) => severity !== 'by-design')
  for (const finding of serious) output.note(leakLine(finding))
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (strict && errors.length > 0)
    throw new EnsuiteError(
      'LEAKAGE_FOUND',
      `${errors.map(({ kind }) => kind).join(', ')} found, and --strict-leakage ends the run there. Mend what the lines above say, or leave it out.`,
    )
  return findings
}

/** `Leak (error) duplicate-sessions: … Such as a = b.` */
export function leakLine({ severity, kind, message, examples }: LeakFinding): string {
  // A feature is named in the message already.
  const such = examples.every((example) => message.includes(`'${example}'`))
    ? ''
    : ` Such as ${examples.join(', ')}.`
  return `Leak (${severity}) ${kind}: ${message}${such}`
}
