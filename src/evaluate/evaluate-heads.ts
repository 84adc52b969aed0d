import { checkSessions, type Sessions } from '../data/sessions.ts'
import { EnsuiteError } from '../errors.ts'
import type { Runtime } from '../graph/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import { mean, standardError } from '../metrics/mean.ts'
import type { Model } from '../model.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { headPredictor, otherHeads, type PredictOptions } from './head-predictor.ts'
import { measureDefaults, type MeasureOptions } from './head-measures/index.ts'
import { type Compared, constantOf, measureHeads } from './measure-heads.ts'

export interface HeadsOptions extends Partial<MeasureOptions>, Partial<PredictOptions> {
  /** Where the graph runs. Default: `nodeRuntime()`, as of `train`. */
  readonly runtime?: Runtime
  /** The sessions that were trained on: each head is compared with the constant that predicts best of their last events. Without them there is no comparison. */
  readonly baseline?: Sessions
  /** Sessions at once; default 128. */
  readonly batchSize?: number
  /** From this probability on a binary head predicts 1; default 0.5. */
  readonly threshold?: number
  /** Cutoffs k of `accuracy@k`, for heads of more than k classes; default [5]. */
  readonly ks?: readonly number[]
}

/** Figures of one head, safe for JSON. */
export interface HeadResult {
  readonly kind: string
  /** The feature that is predicted. */
  readonly target: string
  /** How many targets counted. */
  readonly targets: number
  /** Sessions that were evaluated and whose target did not count: of classes, those that are missing or unknown. */
  readonly missing: number
  /**
   * `auc`, `logLoss`, `accuracy`, `precision`, `recall`, `f1` of a binary head; `accuracy`, `accuracy@k`, `logLoss` of classes; `rmse`, `mae`, `r2` of an amount, in
   * the target's units. One that cannot be told is left out: AUC and R² of targets that are all alike, precision where none is predicted 1.
   */
  readonly metrics: Readonly<Record<string, number>>
  /** The same of the constant that predicts best; with `baseline`. */
  readonly constant?: Readonly<Record<string, number>>
  /** Loss of the constant less loss of the head, a target: log loss in nats, of an amount squared error. Its mean, and the standard error of that; with `baseline`, of two targets or more. */
  readonly gain?: { readonly mean: number; readonly standardError: number }
  /** Whether the gain is more than chance gives: above two standard errors; with `baseline`. */
  readonly beatsConstant?: boolean
}

/** By the name of the head. */
export type HeadsResult = Readonly<Record<string, HeadResult>>

/**
 * Evaluates every head that does not score items: what it predicts of the last event of each session, given all known events before it, as a recommender reads them.
 *
 * `trained`: a model and its weights, as `train` and `loadModel` give them. The constant beside each head is the base rate, the frequency of each class or, of an
 * amount, what the head's loss is least for; it is fitted on the last events of `baseline`, which are the like of what is measured.
 *
 * Throws `OPTION_INVALID` for what is not `{ model, weights }`, a model whose one head scores items and sessions of another workflow, `OPTION_UNKNOWN`, `SESSIONS_TOO_FEW` if no session has two
 * events, `SHAPE_MISMATCH` for weights of another model, `TRAINING_DIVERGED` for predictions that are no finite numbers.
 */
export async function evaluateHeads(
  trained: { readonly model: Model; readonly weights: Readonly<Record<string, Float32Array>> },
  sessions: Sessions,
  options: HeadsOptions = {},
): Promise<HeadsResult> {
  checkTrained(trained)
  checkSessions('evaluateHeads', sessions)
  checkOptions('evaluateHeads', options, [
    'runtime',
    'baseline',
    'batchSize',
    'threshold',
    'ks',
    'onProgress',
  ])
  const { runtime = nodeRuntime(), baseline, batchSize = 128, onProgress } = options
  const { threshold = measureDefaults.threshold, ks = measureDefaults.ks } = options
  checkNumber('evaluateHeads: batchSize', batchSize, { integer: true, min: 1 })
  checkNumber('evaluateHeads: threshold', threshold, { min: 0, max: 1 })
  checkCutoffs(ks)
  const { model, weights } = trained
  const heads = otherHeads(model)
  const predictor = await headPredictor(model, runtime, weights)
  try {
    const measured = await measureHeads(predictor, sessions, {
      ...{ model, batchSize, threshold, ks },
      ...(baseline && {
        constants: Object.fromEntries(heads.map((head) => [head.name, constantOf(head, baseline)])),
      }),
      ...(onProgress && { onProgress }),
    })
    return Object.fromEntries(
      heads.map((head): [string, HeadResult] => {
        const { compared, ...own } = measured[head.name]!
        return [
          head.name,
          { kind: head.kind, target: head.target!, ...own, ...(compared && besides(compared)) },
        ]
      }),
    )
  } finally {
    await predictor.close()
  }
}

function checkTrained(trained: unknown): void {
  const { model, weights } = Object(trained) as Readonly<Record<string, unknown>>
  const { heads, evaluation } = Object(model) as Readonly<Record<string, unknown>>
  if (
    Array.isArray(heads) &&
    typeof evaluation === 'function' &&
    typeof weights === 'object' &&
    weights !== null
  )
    return
  throw new EnsuiteError(
    'OPTION_INVALID',
    'evaluateHeads expects { model, weights } as its first argument: what train or loadModel gives, or a model beside its weights by name.',
  )
}

function checkCutoffs(ks: unknown): void {
  if (!Array.isArray(ks))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `evaluateHeads: ks must be a list of cutoffs, such as [5], received ${JSON.stringify(ks)}.`,
    )
  for (const k of ks as readonly number[]) checkNumber('evaluateHeads: ks', k, { integer: true, min: 1 })
}

function besides({
  constant,
  differences,
}: Compared): Pick<HeadResult, 'constant' | 'gain' | 'beatsConstant'> {
  const error = standardError(differences)
  if (error === undefined) return { constant, beatsConstant: false }
  const gain = mean(differences)
  return { constant, gain: { mean: gain, standardError: error }, beatsConstant: gain > 2 * error }
}
