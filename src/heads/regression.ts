import { checkBoolean, checkChoice, checkNumber, checkOptions } from '../options.ts'
import { EnsuiteError } from '../errors.ts'
import type { Head } from './head.ts'
import { TARGET_OPTIONS, targetHead, type TargetHeadOptions } from './target-head.ts'
import { firstWrong, numbersPresent, targetLosses, type TargetLoss } from './target-losses/index.ts'

export interface RegressionHeadOptions extends TargetHeadOptions {
  /** `squared-error` (the default), `huber` for amounts with outliers, `poisson` for counts. */
  readonly loss?: 'squared-error' | 'huber' | 'poisson'
  /** Learns ln(1 + target), for amounts from 0 that spread over orders of size; default false. Predictions are in the target's own unit. */
  readonly log1p?: boolean
  /** Of `huber`: up to this distance the loss is squared; default 1. */
  readonly delta?: number
}

/** Predicts an amount: a price, a time, a count. A target that is missing counts nothing. */
export function regression(options: RegressionHeadOptions): Head {
  checkOptions('heads.regression', options, [...TARGET_OPTIONS, 'loss', 'log1p', 'delta'])
  const { loss: kind = 'squared-error', log1p, delta } = options
  checkChoice('heads.regression: loss', kind, ['squared-error', 'huber', 'poisson'])
  if (log1p !== undefined) checkBoolean('heads.regression: log1p', log1p)
  if (delta !== undefined) checkNumber('heads.regression: delta', delta, { above: 0 })
  const misplaced =
    delta !== undefined && kind !== 'huber'
      ? 'delta'
      : log1p !== undefined && kind === 'poisson'
        ? 'log1p'
        : undefined
  if (misplaced !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `heads.regression: the loss '${kind}' has no ${misplaced}. Leave it out.`,
    )
  const own: TargetLoss = targetLosses[kind]
  const given = { ...(log1p !== undefined && { log1p }), ...(delta !== undefined && { delta }) }
  return targetHead({
    kind: 'regression',
    options: { ...options, loss: kind },
    outputs: 1,
    loss: (outputs, targets) => {
      const present = numbersPresent(targets)
      return { loss: own.loss({ outputs, targets, present }, given), present }
    },
    predict: (outputs) => own.predict(outputs, given),
    refusal: (values) => {
      const endless = firstWrong(values, (value) => Math.abs(value) === Infinity)
      return endless === undefined
        ? own.refusal?.(values, given)
        : `${endless}. Clip the feature, or filter these events`
    },
  })
}
