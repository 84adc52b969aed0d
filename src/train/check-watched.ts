import { EnsuiteError } from '../errors.ts'
import { rankingMetrics } from '../metrics/index.ts'
import { checkNumber } from '../options.ts'

/**
 * Throws `OPTION_INVALID` unless `metric` is one that an evaluation with the cutoffs `ks` measures, and these fit the catalogue:
 * asked before the first epoch and not after it.
 */
export function checkWatched(metric: string, ks: readonly number[], items: number): void {
  for (const k of ks) checkNumber('train: ks', k, { integer: true, min: 1, max: items })
  const measured = ks.flatMap((k) => rankingMetrics.map((metric) => metric(k).name as string))
  if (measured.includes(metric)) return
  throw new EnsuiteError(
    'OPTION_INVALID',
    `train: metric '${metric}' is not measured. Choose one of ${measured.join(', ')}, or change ks.`,
  )
}
