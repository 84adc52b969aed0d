import { EnsuiteError } from '../../errors.ts'
import { errorsOf, meansOf, type MetricName } from '../../metrics/index.ts'
import { checkChoice, checkOptions } from '../../options.ts'
import { byFeature, type FeatureSlices } from './by-feature.ts'
import { byLength } from './by-length.ts'
import { byNewness } from './by-newness.ts'
import { byPeriod } from './by-period.ts'
import { byPopularity } from './by-popularity.ts'
import type { SliceContext, Slicing } from './slicing.ts'

/** Every slicing by its name. A new one has its one line here. */
const kinds = {
  length: byLength,
  popularity: byPopularity,
  'new-items': byNewness,
  hour: byPeriod('hour'),
  day: byPeriod('day'),
  week: byPeriod('week'),
  month: byPeriod('month'),
} as const satisfies Readonly<Record<string, (context: SliceContext) => Slicing>>

export type SliceName = keyof typeof kinds

export const sliceNames = Object.keys(kinds) as readonly SliceName[]

/** How sessions are divided to be measured apart: by name, or by a feature. */
export type SliceOption = SliceName | FeatureSlices

/** Some of the sessions, measured apart. */
export interface Slice {
  readonly name: string
  /** How many were ranked: of few the figures say little, as the standard errors tell. */
  readonly sessions: number
  readonly metrics: Readonly<Record<MetricName, number>>
  /** Empty for a single session. */
  readonly standardErrors: Readonly<Record<MetricName, number>>
}

export type Slices = Readonly<Record<string, readonly Slice[]>>

/** Throws `OPTION_INVALID` and `OPTION_UNKNOWN` unless this is a list of slicings, each once. */
export function checkSlices(slices: readonly SliceOption[]): void {
  if (!((slices as unknown) instanceof Array))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `slices of evaluateRanking is a list, such as ['length', 'day', { feature: 'country' }], received ${typeof slices}.`,
    )
  for (const slice of slices)
    if (typeof slice === 'string') checkChoice('slices of evaluateRanking', slice, sliceNames)
    else checkOptions('slices of evaluateRanking', slice, ['feature', 'nameOf'])
  const names = slices.map(nameOf)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `slices of evaluateRanking names '${twice}' twice. Name it once.`,
    )
}

const nameOf = (slice: SliceOption): string => (typeof slice === 'string' ? slice : slice.feature)

/** The values of sessions, one each at `sessionIndices`, measured by group, for each slicing. Groups without a session are left out. Throws what slicings throw. */
export function sliced(
  slices: readonly SliceOption[],
  { sessionIndices, values, ...context }: SliceContext & SlicedValues,
): Slices {
  return Object.fromEntries(
    slices.map((slice) => {
      const slicing = typeof slice === 'string' ? kinds[slice](context) : byFeature(slice, context)
      return [nameOf(slice), measured(slicing, { sessionIndices, values })]
    }),
  )
}

interface SlicedValues {
  readonly sessionIndices: Int32Array
  readonly values: Readonly<Record<MetricName, Float64Array>>
}

function measured({ of, order }: Slicing, { sessionIndices, values }: SlicedValues): readonly Slice[] {
  const groups = new Map<string, number[]>()
  for (const [place, session] of sessionIndices.entries()) {
    const name = of(session)
    const places = groups.get(name)
    if (places === undefined) groups.set(name, [place])
    else places.push(place)
  }
  const names = order?.filter((name) => groups.has(name)) ?? [...groups.keys()].sort()
  return names.map((name) => {
    const places = groups.get(name)!
    const own = Object.fromEntries(
      Object.entries(values).map(([metric, all]) => [metric, Float64Array.from(places, (at) => all[at]!)]),
    )
    return { name, sessions: places.length, metrics: meansOf(own), standardErrors: errorsOf(own) }
  })
}
