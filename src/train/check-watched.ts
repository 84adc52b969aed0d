import { measuredCount, type Sessions } from '../data/index.ts'
import { EnsuiteError } from '../errors.ts'
import { headMetrics, measurable, measureDefaults, otherHeads, type Direction } from '../evaluate/index.ts'
import { rankingMetrics } from '../metrics/index.ts'
import type { Model } from '../model.ts'
import { checkNumber } from '../options.ts'
import { RESERVED } from '../codes.ts'

export interface Watched {
  readonly metric: string
  /** Cutoffs of the ranking metrics. */
  readonly ks: readonly number[]
}

/**
 * Whether the watched metric is better the higher or the lower it is. Throws `OPTION_INVALID` unless it is one that the validation measures: a ranking metric at one of
 * `ks`, which fit the catalogue, or `<head>/<metric>`, where the sessions have what it takes, and `SESSIONS_TOO_FEW` where none of them can be ranked. Asked before the first epoch and not after it.
 */
export function checkWatched(
  { metric, ks }: Watched,
  {
    model,
    sessions,
  }: { readonly model: Pick<Model, 'heads' | 'itemHead' | 'schema'>; readonly sessions: Sessions },
): Direction {
  for (const k of ks)
    checkNumber('train: ks', k, { integer: true, min: 1, max: model.schema.items - RESERVED })
  const ranking =
    model.itemHead === undefined ? [] : ks.flatMap((k) => rankingMetrics.map((each) => each(k).name))
  const measured: Readonly<Record<string, Direction>> = {
    ...Object.fromEntries(ranking.map((name) => [name, 'higher'] as const)),
    ...headMetrics(model, measureDefaults),
  }
  if (!Object.hasOwn(measured, metric))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `train: metric '${metric}' is not measured. Choose one of ${Object.keys(measured).join(', ')}${model.itemHead === undefined ? '' : ', or change ks'}.`,
    )
  const head = otherHeads(model).find(({ name }) => metric.startsWith(`${name}/`))
  if (head === undefined) {
    if (measuredCount(sessions) > 0) return measured[metric]!
    throw new EnsuiteError(
      'SESSIONS_TOO_FEW',
      `train: none of the ${sessions.count} validation sessions has a known event before its last one, so that none can be measured. Give others, or train without.`,
    )
  }
  const told = measurable(head, { ...measureDefaults, sessions })
  if (!told.includes(metric.slice(head.name.length + 1)))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `train: metric '${metric}' cannot be told from the validation sessions: the '${head.target!}' of their last events is ${told.length === 0 ? 'never known' : 'always alike'}. ${told.length === 0 ? 'Give other sessions.' : `Choose one of ${told.map((name) => `${head.name}/${name}`).join(', ')}, or give more sessions.`}`,
    )
  return measured[metric]!
}
