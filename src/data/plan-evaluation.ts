import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'
import type { BatchPlan } from './batches.ts'
import { cutBatches } from './cut-batches.ts'
import { fillBatch } from './fill-batch.ts'
import { sessionLength, type Sessions, sessionsWhere } from './sessions.ts'

export interface EvaluationOptions {
  /** How many events of a prefix a batch carries, the latest ones. */
  readonly maxLength: number
  /** Sessions a batch. */
  readonly batchSize: number
}

/**
 * Batches in which the last event of each session is the one label, and all events before it are the inputs.
 *
 * Sessions of one event have no prefix and are left out. A label may be `UNKNOWN`: such a target cannot be met.
 * Sessions of like length share a batch. Throws `OPTION_INVALID`, `OPTION_UNKNOWN`, `SESSIONS_TOO_FEW`.
 */
export function planEvaluation(sessions: Sessions, options: EvaluationOptions): BatchPlan {
  checkOptions('planEvaluation', options, ['maxLength', 'batchSize'])
  const { maxLength, batchSize } = options
  checkNumber('maxLength of planEvaluation', maxLength, { integer: true, min: 1 })
  checkNumber('batchSize of planEvaluation', batchSize, { integer: true, min: 1 })
  const length = (index: number): number => Math.min(sessionLength(sessions, index) - 1, maxLength)
  const order = sessionsWhere(sessions, (index) => length(index) >= 1)
  if (order.length === 0) {
    throw new EnsuiteError(
      'SESSIONS_TOO_FEW',
      `Evaluation needs sessions of 2 or more events; none of the ${sessions.count} sessions has as many. Give longer sessions.`,
    )
  }
  order.sort((left, right) => length(left) - length(right) || left - right)
  return cutBatches(order, batchSize, (sessionIndices) => {
    const lengths = sessionIndices.map(length)
    const first = sessionIndices.map((index, place) => sessions.offsets[index + 1]! - 1 - lengths[place]!)
    return fillBatch(sessions, { sessionIndices, first, lengths, maxLength, isLabel: (_event, last) => last })
  })
}
