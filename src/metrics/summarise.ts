import { EnsuiteError } from '../errors.ts'
import { checkGiven } from '../options.ts'
import { checkValues } from './check-values.ts'
import { mean, standardError } from './mean.ts'
import type { Metric, MetricName } from './metric.ts'

/** The values of each metric, one a session in the order of `ranks`, by the metric's name. Throws `OPTION_INVALID` for what are no ranks or no metrics. */
export function sessionValues(
  ranks: ArrayLike<number>,
  metrics: readonly Metric[],
): Record<MetricName, Float64Array> {
  checkRanks('sessionValues', ranks, metrics)
  return Object.fromEntries(
    metrics.map((metric) => [metric.name, Float64Array.from(ranks, (rank) => metric.of(rank))]),
  )
}

/**
 * The mean of each metric over sessions, by its name: per session first, mean second, so each session weighs the same.
 *
 * `ranks`: the rank of the target of each session, from 1. Throws `SESSIONS_TOO_FEW` if there is none, and what `sessionValues` throws.
 */
export function summarise(ranks: ArrayLike<number>, metrics: readonly Metric[]): Record<MetricName, number> {
  checkRanks('summarise', ranks, metrics)
  if (ranks.length === 0)
    throw new EnsuiteError(
      'SESSIONS_TOO_FEW',
      'summarise expects the rank of at least one session, received none. Evaluate sessions of two or more events.',
    )
  return meansOf(sessionValues(ranks, metrics))
}

/**
 * The standard error of each mean of `summarise`, by the metric's name: s / √n, with s the sample standard deviation
 * (n − 1 degrees of freedom) over sessions. Differs: fewer than two sessions have none, so the record is empty.
 *
 * It is the noise of drawing these sessions; the noise of the training seed comes on top.
 */
export function standardErrors(
  ranks: ArrayLike<number>,
  metrics: readonly Metric[],
): Record<MetricName, number> {
  checkRanks('standardErrors', ranks, metrics)
  return errorsOf(sessionValues(ranks, metrics))
}

function checkRanks(where: string, ranks: unknown, metrics: unknown): void {
  checkValues(`${where}: ranks`, ranks)
  const isGood =
    Array.isArray(metrics) &&
    metrics.every((each) => typeof (Object(each) as Partial<Metric>).of === 'function')
  checkGiven(`${where}: metrics`, metrics, { what: 'a list of metrics, such as [metrics.ndcg(10)]', isGood })
}

/** The mean of the values of each metric, one or more a session. Throws `OPTION_INVALID` for what are no values. */
export function meansOf(values: Readonly<Record<MetricName, Float64Array>>): Record<MetricName, number> {
  checkByName('meansOf', values)
  return mapValues(values, mean)
}

/** The standard error of each mean of `meansOf`; empty for fewer than two sessions. Throws `OPTION_INVALID` for what are no values. */
export function errorsOf(values: Readonly<Record<MetricName, Float64Array>>): Record<MetricName, number> {
  checkByName('errorsOf', values)
  if (Object.values(values).some(({ length }) => length < 2)) return {}
  return mapValues(values, (own) => standardError(own)!)
}

function checkByName(where: string, values: unknown): void {
  const what = 'lists of values by the name of their metric, as sessionValues gives them'
  checkGiven(where, values, {
    what,
    isGood: typeof values === 'object' && values !== null && !Array.isArray(values),
  })
  for (const [name, own] of Object.entries(values as object)) checkValues(`${where}: ${name}`, own)
}

function mapValues<In, Out>(
  record: Readonly<Record<MetricName, In>>,
  change: (value: In) => Out,
): Record<MetricName, Out> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
}
