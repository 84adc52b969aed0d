import { binary } from './binary.ts'
import { huber } from './huber.ts'
import { multiClass } from './multi-class.ts'
import { poisson } from './poisson.ts'
import { squaredError } from './squared-error.ts'

export type { BinaryOptions } from './binary.ts'
export type { HuberOptions } from './huber.ts'
export type { LogScaleOptions } from './log-scale.ts'
export type { MultiClassOptions } from './multi-class.ts'
export {
  codesPresent,
  firstWrong,
  meanOfPresent,
  numbersPresent,
  type TargetLoss,
  type TargetLossInputs,
} from './target-loss.ts'

/** Every loss of a target that is not the next item, by its kind. A new loss has its one line here. */
export const targetLosses = Object.freeze({
  binary,
  'multi-class': multiClass,
  'squared-error': squaredError,
  huber,
  poisson,
})

export type TargetLossKind = keyof typeof targetLosses
