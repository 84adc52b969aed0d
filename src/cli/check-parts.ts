import { measuredCount, type Sessions } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { Output } from './output.ts'
import type { Division, TrainingData } from './training-data.ts'

/** Throws `SESSIONS_TOO_FEW` where nothing could be told of what was trained. To be asked before it is. */
export function checkTestPart({ test, split }: Pick<TrainingData, 'test' | 'split'>): void {
  if (measuredCount(test) === 0) throw tooFew('test', test, split)
}

/** The validation part; undefined where there is none. Throws `SESSIONS_TOO_FEW` where nothing in it can be measured. */
export function validationPart(
  { validation, split }: Pick<TrainingData, 'validation' | 'split'>,
  output: Output,
): Sessions | undefined {
  if (validation.count > 0) {
    if (measuredCount(validation) === 0) throw tooFew('validation', validation, split)
    return validation
  }
  output.note('No validation part: all epochs are trained, whatever --patience says, and the last one counts')
  return undefined
}

function tooFew(part: 'validation' | 'test', { count }: Sessions, split: Division): EnsuiteError {
  const flag = `--${part}`
  const isShared = part in split
  const instead = part === 'validation' && isShared ? `, or ${flag} 0 to train without` : ''
  const what =
    count === 0
      ? `The ${part} part is empty`
      : `None of the ${count} sessions of the ${part} part has a known event before its last one`
  const more =
    split.kind === 'prepared'
      ? 'Prepare the events anew, with more of them in that part'
      : isShared
        ? `Give ${flag} a larger share, or more events`
        : `Give more events, or another --split`
  return new EnsuiteError(
    'SESSIONS_TOO_FEW',
    `${what}, and what is trained is measured on it. ${more}${instead}.`,
  )
}
