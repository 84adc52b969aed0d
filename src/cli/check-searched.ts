import { EnsuiteError } from '../errors.ts'
import { rankingMetrics } from '../metrics/index.ts'
import { nearestWord } from '../options.ts'
import type { SearchSpace } from '../tune/index.ts'
import type { ConfigSections } from './config.ts'
import { contraryDirection } from './contrary-direction.ts'

/** Settings of a training that a search says itself, and the flag that does. */
const OWN = { epochs: '--epochs', metric: '--metric' } as const
/** The cutoffs of `train` unless told otherwise. */
const CUTOFFS = [10, 20]

/**
 * Throws `OPTION_INVALID` for a space that names what the search says itself, and for a metric that no trial measures, or that goes the other way: before anything is trained. A metric of a head beside that of the next item, and
 * cutoffs that are searched, are left to the trials.
 */
export function checkSearched(
  space: SearchSpace,
  {
    metric,
    direction,
    config,
  }: {
    readonly metric: string
    readonly direction: 'higher' | 'lower'
    readonly config: ConfigSections
  },
): void {
  const paths = Object.keys(Object(space) as object)
  for (const [option, flag] of Object.entries(OWN)) {
    const path = paths.find(
      (each) => each === `train.${option}` || (each === 'train' && names(space[each], option)),
    )
    if (path !== undefined)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `tune: space: '${path}' would draw train.${option}, which is the same for all trials: give ${flag}, and leave it out of the space.`,
      )
  }
  const heads = config.model?.heads ?? []
  const isOpen =
    heads.some(({ kind }) => kind !== 'next-item') || paths.some((path) => /^model(\.heads|$)/.test(path))
  if (isOpen && metric.includes('/')) return
  const ks = config.train?.ks ?? CUTOFFS
  const known = ks.flatMap((k) => rankingMetrics.map((each) => each(k).name))
  const [name, k] = metric.split('@')
  const isOfAnyCutoff =
    paths.some((path) => /^train(\.ks|$)/.test(path)) &&
    k !== undefined &&
    rankingMetrics.some((each) => each(1).name === `${name!}@1`)
  if (isOfAnyCutoff || known.some((each) => each === metric)) {
    const contrary = contraryDirection(metric, { own: 'higher', given: direction })
    if (contrary !== undefined) throw contrary
    return
  }
  const nearest = nearestWord(metric.slice(0, 100), known)
  throw new EnsuiteError(
    'OPTION_INVALID',
    `--metric: no trial measures '${metric.slice(0, 100)}'.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`} There are ${known.join(', ')}; other cutoffs are those of train.ks in the config.`,
  )
}

/** Whether one of the values of a distribution is an object with such a setting. */
const names = (distribution: SearchSpace[string] | undefined, option: string): boolean =>
  distribution !== undefined &&
  'values' in distribution &&
  distribution.values.some((value) => Object.hasOwn(Object(value) as object, option))
