import { EnsuiteError } from '../errors.ts'
import { nearestWord } from '../options.ts'
import { amazonDatasets } from './amazon.ts'
import type { Dataset } from './dataset.ts'
import { diginetica } from './diginetica.ts'
import { eshopClothing } from './eshop-clothing.ts'
import { g1 } from './g1.ts'
import { ml100k } from './ml-100k.ts'
import { ml1m } from './ml-1m.ts'
import { ml20m } from './ml-20m.ts'
import { rees46 } from './rees46.ts'
import { retailrocket } from './retailrocket.ts'
import { steam } from './steam.ts'
import { yoochoose } from './yoochoose.ts'

/** All data sets, the one that needs no download first. */
export const datasets: readonly Dataset[] = [
  eshopClothing,
  ml100k,
  ml1m,
  ml20m,
  yoochoose,
  diginetica,
  retailrocket,
  rees46,
  g1,
  ...amazonDatasets,
  steam,
]

/** The data set called `name`. Throws `OPTION_INVALID`, naming the nearest ones. */
export function datasetNamed(name: string): Dataset {
  const found = datasets.find((each) => each.name === name)
  if (found !== undefined) return found
  const names = datasets.map((each) => each.name)
  const family = names.filter((each) => each.startsWith(`${name}-`))
  const nearest = family.length > 0 ? family : [nearestWord(name, names)].filter((each) => each !== undefined)
  throw new EnsuiteError(
    'OPTION_INVALID',
    `No data set is called '${name.slice(0, 100)}'.${nearest.length > 0 ? ` Did you mean ${nearest.join(', ')}?` : ''} Known: ${names.join(', ')}.`,
  )
}
