import type { Model } from '../model.ts'
import { checkNumber } from '../options.ts'
import { averagingOptions } from './averaging.ts'
import { optimizerOptions } from './optimizer.ts'
import { treatments } from './parts.ts'
import { scheduleOptions, type SettledSchedule } from './schedule.ts'
import type { TrainOptions } from './train-options.ts'
import { updatePlan, type UpdatePlan } from './update-plan.ts'

/** The options that say how parameters follow their gradients. */
export type UpdatesAsked = Pick<TrainOptions, 'optimizer' | 'schedule' | 'averaging' | 'parts' | 'accumulate'>

/** How a model is updated in a run. */
export interface SettledUpdates {
  /** Before the schedule, and the factors of parts. */
  readonly learningRate: number
  readonly schedule: SettledSchedule
  readonly accumulate: number
  /** Of a model: that of a later window may have more codes. Throws `OPTION_INVALID` for parts that it does not have. */
  readonly planFor: (model: Pick<Model, 'parameters'>) => UpdatePlan
  /** What was asked for, defaults in their places: two runs with the same go the same way. */
  readonly asked: object
}

/** Throws `OPTION_UNKNOWN` and `OPTION_INVALID`. */
export function settleUpdates(options: UpdatesAsked): SettledUpdates {
  const { accumulate = 1, parts = [] } = options
  checkNumber('train: accumulate', accumulate, { integer: true, min: 1 })
  const optimizer = optimizerOptions(options.optimizer)
  const schedule = scheduleOptions(options.schedule)
  const averaging = options.averaging && averagingOptions(options.averaging)
  return {
    learningRate: optimizer.learningRate,
    schedule,
    accumulate,
    planFor: (model) => updatePlan({ optimizer, treatments: treatments(model, parts), averaging }),
    asked: { optimizer, schedule, accumulate, averaging: averaging ?? 'none', parts },
  }
}
