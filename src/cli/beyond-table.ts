import type { RankingResult } from '../evaluate/index.ts'
import { beyondMetrics } from '../metrics/beyond/index.ts'
import { table } from './output.ts'

/** Results beyond accuracy side by side, a row each, at one cutoff. What was not measured is no column. */
export function beyondTable(results: Readonly<Record<string, RankingResult>>, k: number): string {
  const values = (result: RankingResult): Readonly<Record<string, unknown>> =>
    result as unknown as Readonly<Record<string, unknown>>
  const metrics = beyondMetrics
    .map(({ kind }) => `${kind}@${k}`)
    .filter((metric) => Object.values(results).some((result) => values(result)[metric] !== undefined))
  const shown = (value: unknown): string =>
    typeof value === 'number' ? value.toFixed(Math.abs(value) < 100 ? 4 : 1) : ''
  return table(
    ['', ...metrics],
    Object.entries(results).map(([name, result]) => [
      name,
      ...metrics.map((metric) => shown(values(result)[metric])),
    ]),
  )
}
