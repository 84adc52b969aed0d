import { RESERVED } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { Model } from '../model.ts'
import { checkNumber } from '../options.ts'
import type { TrainOptions } from './train-options.ts'

/** Throws `OPTION_INVALID` for options of ranking items where the model does not, and for cutoffs that its catalogue does not have. `where`: whose options they are, for the message. */
export function checkRankingOptions(
  where: string,
  options: Pick<TrainOptions, 'ks' | 'filterSeen'>,
  { itemHead, schema }: Pick<Model, 'itemHead' | 'schema'>,
): void {
  const given = (['ks', 'filterSeen'] as const).find((name) => options[name] !== undefined)
  if (itemHead === undefined && given !== undefined)
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where}: '${given}' is of ranking items, and the model has no heads.nextItem. Leave it out.`,
    )
  for (const k of options.ks ?? [])
    checkNumber(`${where}: ks`, k, { integer: true, min: 1, max: schema.items - RESERVED })
}
