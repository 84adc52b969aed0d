import { EnsuiteError } from '../errors.ts'
import { reshape, type Tensor } from '../graph/index.ts'
import { linear, type Scope } from '../nn/index.ts'
import { checkChoice, checkNumber } from '../options.ts'
import type { Head, HeadStates, HeadTargets } from './head.ts'
import { summaries, summarise, type Summary } from './summary.ts'
import { meanOfPresent } from './target-losses/index.ts'

/** Options that every head of a feature has. */
export interface TargetHeadOptions {
  /** The feature that is predicted. */
  readonly target: string
  /** Under which its predictions are known; default the target's. */
  readonly name?: string
  /** Of its loss beside that of other heads; default 1. */
  readonly weight?: number
  /**
   * `none` (the default): the feature of the event that comes next, at every place that predicts one. Else the feature of the session's last event, from its states
   * in one: the `last`, the `first`, their `mean` or `max`, or by `attention` that is learnt. Padding never counts.
   */
  readonly summary?: 'none' | Summary
}

export const TARGET_OPTIONS = ['target', 'name', 'weight', 'summary'] as const

interface TargetHeadParts<Options extends TargetHeadOptions> {
  readonly kind: string
  /** Checked, but for those of every head. */
  readonly options: Options
  /** How many numbers predict one target. */
  readonly outputs: number
  /** targets as they are in the sessions → a loss a target, [n], and where it counts, [n] 0 or 1; everywhere unless given. */
  readonly loss: (outputs: Tensor, targets: Tensor) => { readonly loss: Tensor; readonly present?: Tensor }
  readonly predict: (outputs: Tensor) => Tensor
  readonly refusal?: Head['refusal']
}

const NAME = /^[\w-]{1,64}$/

/** A head of a feature: a linear layer on the states at the labels, or on the summary of a session. */
export function targetHead<Options extends TargetHeadOptions>({
  kind,
  options,
  outputs,
  loss,
  predict,
  refusal,
}: TargetHeadParts<Options>): Head {
  const { target, name = target, weight = 1, summary = 'none' } = options
  const where = `heads.${kind}`
  if (typeof target !== 'string' || typeof name !== 'string' || !NAME.test(name) || name === 'next-item')
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}: target is the name of a feature, and name one of letters, digits, _ and - (default the target's); received ${JSON.stringify([target, name])}.`,
    )
  checkNumber(`${where}: weight`, weight, { min: 0 })
  checkChoice(`${where}: summary`, summary, ['none', ...summaries])
  const computed = (scope: Scope, states: HeadStates): Tensor => {
    const x = summary === 'none' ? states.hidden : summarise(scope, states.sessions, summary)
    const y = linear(scope.child('out'), x, outputs, { byCode: outputs > 1 })
    return outputs === 1 ? reshape(y, [-1]) : y
  }
  return Object.freeze<Head>({
    kind,
    options: { ...options, target, name, weight, summary } as unknown as Head['options'],
    name,
    weight,
    target,
    ...(outputs > 1 && { classes: outputs }),
    ...(refusal && { refusal }),
    predicts: summary === 'none' ? 'labels' : 'sessions',
    readsAllItems: false,
    loss: (scope: Scope, states: HeadStates, targets: HeadTargets) => {
      const given = summary === 'none' ? targets.ofLabels(target) : targets.ofSessions(target)
      const own = loss(computed(scope, states), given)
      return meanOfPresent(own.loss, own.present)
    },
    predictions: (scope: Scope, states: HeadStates) => predict(computed(scope, states)),
  })
}
