import type { Parameter } from '../nn/index.ts'
import type { AveragingOptions } from './averaging.ts'
import { ruleOf, optimizerOptions, type Optimizer } from './optimizer.ts'
import type { Rule } from './optimizers/index.ts'
import type { Treatment } from './parts.ts'

/** How a parameter is updated: the same for all those of one stretch. */
export interface Update {
  readonly rule: Rule
  /** Factor of the learning rate. */
  readonly rate: number
  readonly weightDecay: number
}

/** How the parameters of a model are updated in a run. */
export interface UpdatePlan {
  readonly clipNorm: number
  readonly averaging: Required<AveragingOptions> | undefined
  /** Undefined where a parameter is not trained. */
  of(parameter: Parameter): Update | undefined
}

export interface UpdateOptions {
  readonly optimizer: Optimizer
  /** What is otherwise for some parameters, by name. */
  readonly treatments?: ReadonlyMap<string, Treatment>
  readonly averaging?: Required<AveragingOptions> | undefined
}

export function updatePlan({ optimizer, treatments, averaging }: UpdateOptions): UpdatePlan {
  const rules = { rows: ruleOf(optimizer, { byCode: true }), rest: ruleOf(optimizer, { byCode: false }) }
  return {
    clipNorm: optimizer.clipNorm,
    averaging,
    of: ({ name, trainable, byCode, decay }) => {
      const { frozen = false, learningRate = 1, weightDecay } = treatments?.get(name) ?? {}
      if (!trainable || frozen) return undefined
      return {
        rule: byCode && rules.rows.kernel.perRow ? rules.rows : rules.rest,
        rate: learningRate,
        weightDecay: decay ? (weightDecay ?? optimizer.weightDecay) : 0,
      }
    },
  }
}

/** Alike of those that one call of a kernel may update. */
export const keyOf = ({ rule, rate, weightDecay }: Update): string =>
  [rule.kernel.name, rate, weightDecay].join()

/** AdamW with its defaults. */
export const defaultPlan = (): UpdatePlan => updatePlan({ optimizer: optimizerOptions() })
