import type { Baseline } from '../baselines/index.ts'
import type { Sessions } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import { evaluateRanking, type RankingOptions, type RankingResult } from '../evaluate/index.ts'
import type { ChosenBaselines } from './chosen-baselines.ts'
import type { Output } from './output.ts'

/** A baseline's figures, and what it was. */
export type BaselineResult = RankingResult & Pick<Baseline, 'options'>

export interface EvaluateBaselinesOptions extends Required<
  Pick<RankingOptions, 'items' | 'ks' | 'filterSeen'>
> {
  /** What is measured more than accuracy of all; default: nothing. */
  readonly more?: Pick<RankingOptions, 'train' | 'beyond' | 'slices'>
  /** What was known before the targets. */
  readonly known: Sessions
  readonly test: Sessions
}

/** Each baseline fitted on what was known and measured as the model is, by its kind; a kind that is there again is numbered. Those that cannot be fitted are said, unless each was named: then the error is thrown. */
export async function evaluateBaselines(
  { baselines, isEach }: ChosenBaselines,
  { known, test, more, ...ranking }: EvaluateBaselinesOptions,
  output: Output,
): Promise<Readonly<Record<string, BaselineResult>>> {
  const results: Record<string, BaselineResult> = {}
  for (const { kind, options, fit } of baselines) {
    const before = Object.keys(results).filter((name) => name.split(' ')[0] === kind).length
    output.note(`measuring ${kind}`)
    try {
      const fitted = fit(known, { items: ranking.items })
      const result = await evaluateRanking(fitted, test, { ...ranking, ...more })
      results[before === 0 ? kind : `${kind} ${before + 1}`] = { ...result, options }
    } catch (error) {
      if (isEach || !(error instanceof EnsuiteError)) throw error
      output.note(`${kind} is left out: ${error.message}`)
    }
  }
  return results
}
