import { EnsuiteError } from '../../errors.ts'
import type { Head } from '../../heads/index.ts'
import { binary } from './binary.ts'
import type { HeadMeasure } from './head-measure.ts'
import { multiClass } from './multi-class.ts'
import { regression } from './regression.ts'

export {
  measureDefaults,
  type Direction,
  type HeadMeasure,
  type MeasureOptions,
  type Tally,
} from './head-measure.ts'

/** How each kind of head is measured; the item head is by ranking. A new kind of head has its one line here. */
export const headMeasures: Readonly<Record<string, HeadMeasure>> = {
  binary,
  'multi-class': multiClass,
  regression,
}

/** How a head is measured. Throws `OPTION_INVALID` for a kind that has no measure. */
export function measureOf({ name, kind }: Head): HeadMeasure {
  const measure = Object.hasOwn(headMeasures, kind) ? headMeasures[kind] : undefined
  if (measure !== undefined) return measure
  throw new EnsuiteError(
    'OPTION_INVALID',
    `Head '${name}' is of the kind '${kind}', and there are metrics of ${Object.keys(headMeasures).join(', ')}.`,
  )
}
