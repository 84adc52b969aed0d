import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'
import type { BatchPlan, BatchRules } from './batches.ts'
import { cutBatches } from './cut-batches.ts'
import { causal, type Targets } from '../masking/index.ts'
import { createRandom } from '../random.ts'
import { fillBatch, windowLength } from './fill-batch.ts'
import { sessionLength, type Sessions, sessionsWhere } from './sessions.ts'

export interface EvaluationOptions extends BatchRules {
  /** How many events of a prefix a batch carries, the latest ones. */
  readonly maxLength: number
  /** Sessions a batch. */
  readonly batchSize: number
}

const CAUSAL = causal()

/**
 * Batches in which the last event of each session is the one label, and all events before it are the inputs. Whatever the masking, it is not in the batch.
 *
 * Sessions of one event have no prefix and are left out. A label may be `UNKNOWN`: such a target cannot be met.
 * Sessions of like length share a batch. Throws `OPTION_INVALID`, `OPTION_UNKNOWN`, `SESSIONS_TOO_FEW`.
 */
export function planEvaluation(sessions: Sessions, options: EvaluationOptions): BatchPlan {
  checkOptions('planEvaluation', options, [
    'maxLength',
    'batchSize',
    'masking',
    'columns',
    'context',
    'times',
  ])
  const { maxLength, batchSize, masking = CAUSAL, columns, context, times = false } = options
  checkNumber('maxLength of planEvaluation', maxLength, { integer: true, min: 1 })
  checkNumber('batchSize of planEvaluation', batchSize, { integer: true, min: 1 })
  const order = sessionsWhere(sessions, (index) => sessionLength(sessions, index) >= 2)
  if (order.length === 0) {
    throw new EnsuiteError(
      'SESSIONS_TOO_FEW',
      `Evaluation needs sessions of 2 or more events; none of the ${sessions.count} sessions has as many. Give longer sessions.`,
    )
  }
  const length = (index: number): number => windowLength(sessions, index, maxLength)
  order.sort((left, right) => length(left) - length(right) || left - right)
  // Nothing is drawn in evaluation.
  const random = createRandom(0)
  const targetsOf = (events: number): Targets => masking.targets('evaluate', events, random)
  return cutBatches(order, batchSize, (sessionIndices) =>
    fillBatch(sessions, {
      ...{ sessionIndices, maxLength, masking, targetsOf, times, training: false },
      ...(columns && { columns }),
      ...(context && { context }),
    }),
  )
}
