import { measuredCount, type Sessions } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { Output } from './output.ts'
import type { TrainingData } from './training-data.ts'

type Part = 'validation' | 'test'
type Parts = Pick<TrainingData, Part | 'split'>

/** Throws `SESSIONS_TOO_FEW` where nothing in a part can be measured. To be asked before anything is trained. */
export function checkPart(part: Part, parts: Parts): void {
  if (measuredCount(parts[part]) === 0) throw tooFew(part, parts[part].count, parts)
}

/** The validation part; undefined where there is none. Throws `SESSIONS_TOO_FEW` where nothing in it can be measured. */
export function validationPart(parts: Omit<Parts, 'test'>, output: Output): Sessions | undefined {
  const { validation, split } = parts
  if (validation.count > 0) {
    if (measuredCount(validation) > 0) return validation
    throw tooFew('validation', validation.count, { split, instead: ', or --validation 0 to train without' })
  }
  output.note('No validation part: all epochs are trained, whatever --patience says, and the last one counts')
  return undefined
}

function tooFew(
  part: Part,
  count: number,
  { split, instead = '' }: Pick<Parts, 'split'> & { readonly instead?: string },
): EnsuiteError {
  const isShared = part in split
  const what =
    count === 0
      ? `The ${part} part is empty`
      : `None of the ${count} sessions of the ${part} part has a known event before its last one`
  const more =
    split.kind === 'prepared'
      ? 'Prepare the events anew, with more of them in that part'
      : isShared
        ? `Give --${part} a larger share, or more events${instead}`
        : `Give more events, or another --split`
  return new EnsuiteError('SESSIONS_TOO_FEW', `${what}, and what is trained is measured on it. ${more}.`)
}
