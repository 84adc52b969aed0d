import type { Sessions } from '../data/index.ts'
import type { Direction } from '../evaluate/index.ts'
import type { EvaluationRecord, Progress, Weights } from './checkpoint.ts'
import { weightsOf } from './parameter-store.ts'
import type { TrainingStep } from './step.ts'
import type { Validator } from './validate.ts'

/** What measures on the validation sessions, and keeps the weights of the best evaluation. */
export interface BestWeights {
  readonly weights: Weights | undefined
  /** Measures where training stands. The progress is `finished` where as many evaluations in a row as `patience` says were no better than the best. */
  evaluate(progress: Progress): Promise<{ readonly progress: Progress; readonly record: EvaluationRecord }>
}

export interface BestWeightsOptions {
  readonly validator: Validator
  readonly sessions: Sessions
  readonly step: TrainingStep
  readonly metric: string
  readonly direction: Direction
  readonly patience: number
  /** Of the run that is gone on with. */
  readonly before: Weights | undefined
}

export function bestWeights(options: BestWeightsOptions): BestWeights {
  const { validator, sessions, step, metric, direction, patience } = options
  let weights = options.before
  return {
    get weights() {
      return weights
    },
    evaluate: async (progress) => {
      await step.pull()
      const started = performance.now()
      const { metrics: validation } = await validator.measure(sessions)
      const seconds = (performance.now() - started) / 1000
      const value = validation[metric]
      const { best: former, epoch, update, evaluations } = progress
      const isBest =
        value !== undefined &&
        (former === undefined || (direction === 'higher' ? value > former.metric : value < former.metric))
      if (isBest) weights = copyOf(step)
      const evaluation = evaluations.length + 1
      const record = { evaluation, epoch, update, validation, isBest, seconds }
      const best = isBest ? { evaluation, epoch, update, metric: value } : former
      return {
        record,
        progress: {
          ...progress,
          evaluations: [...evaluations, record],
          ...(best && { best }),
          finished: best !== undefined && evaluation - best.evaluation >= patience,
        },
      }
    },
  }
}

/** Copies of what is trained; to be called when it was pulled. */
export const copyOf = ({ store }: TrainingStep): Weights =>
  Object.fromEntries(Object.entries(weightsOf(store)).map(([name, values]) => [name, values.slice()]))
