import { EnsuiteError } from '../errors.ts'
import { splitKinds } from '../data/splits/split-sessions.ts'
import { checkChoice, checkNumber, checkOptions, checkTexts } from '../options.ts'
import { duplicateSessions } from './duplicate-sessions.ts'
import { fittedOnTest } from './fitted-on-test.ts'
import { futureEvents } from './future-events.ts'
import { futureFeatures } from './future-features.ts'
import { futureItems } from './future-items.ts'
import type { LeakCheck, LeakFinding, LeakageInput } from './leakage-input.ts'
import { nearDuplicates } from './near-duplicates.ts'
import { sharedSessions, validationIsTest } from './shared-sessions.ts'
import { targetEncoding } from './target-encoding.ts'
import { itemCopy, targetInFeatures, visibleTarget } from './target-in-features.ts'
import { times } from './times.ts'
import { wholeLogStatistics } from './whole-log-statistics.ts'

/** Every check. A new one has its one line here, its kinds a row in docs/evaluate.md, and a planted leak in the test. */
export const leakChecks: readonly LeakCheck[] = [
  times,
  futureEvents,
  futureItems,
  sharedSessions,
  validationIsTest,
  duplicateSessions,
  nearDuplicates,
  targetInFeatures,
  visibleTarget,
  itemCopy,
  futureFeatures,
  fittedOnTest,
  targetEncoding,
  wholeLogStatistics,
]

const ORDER = ['error', 'warning', 'by-design'] as const

/**
 * Looks for what a model could know in training, or when it is asked, that it will not know when it serves. Errors come first; an empty list says that none of the kinds of
 * docs/evaluate.md was found, not that there is none. Takes time linear in the events: seconds a million.
 *
 * Needs no more than the three parts; what else is known of them finds more. Throws `OPTION_UNKNOWN`, `OPTION_INVALID` for parts that are no sessions, and options that are none.
 * Kaufman, Rosset, Perlich and Stitelman, "Leakage in data mining: formulation, detection, and avoidance", TKDD 2012; of recommenders: Ji, Sun, Zhang and Li, TOIS 2023.
 */
export function checkLeakage(input: LeakageInput): readonly LeakFinding[] {
  checkOptions('checkLeakage', input, [
    ...['train', 'validation', 'test', 'split', 'fitted', 'learnFrom', 'extended'],
    ...['context', 'visible', 'targetEncoded', 'firstSeen', 'now'],
  ])
  for (const part of ['train', 'validation', 'test'] as const)
    if (!((Object(input[part]) as Partial<LeakageInput['train']>).offsets instanceof Int32Array))
      throw new EnsuiteError(
        'OPTION_INVALID',
        `checkLeakage expects the sessions of '${part}' in memory, as splitSessions and fitSplit give them.`,
      )
  const { split, learnFrom, now } = input
  if (split !== undefined)
    checkChoice(
      'checkLeakage: split',
      split,
      splitKinds.map(({ kind }) => kind),
    )
  if (learnFrom !== undefined) checkChoice('checkLeakage: learnFrom', learnFrom, ['training', 'all'])
  if (now !== undefined) checkNumber('checkLeakage: now', now, {})
  for (const name of ['context', 'visible', 'targetEncoded'] as const)
    if (input[name] !== undefined) checkTexts(`checkLeakage: ${name}`, input[name])
  const found = leakChecks.flatMap((check) => check(input))
  return ORDER.flatMap((severity) => found.filter((finding) => finding.severity === severity))
}
