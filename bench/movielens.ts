import { existsSync } from 'node:fs'
import { fitSplit, type FittedSplit } from '../src/data/index.ts'
import { expressions } from '../src/expressions/index.ts'
import { workflow } from '../src/workflow/index.ts'

/** In the folder of the data. */
export const MOVIELENS = 'ml-1m/events.tsv.gz'

/** MovieLens 1M as SASRec's authors keep it, the last event of each person for the test and the one before for validation. */
export async function movielens(path: string): Promise<FittedSplit> {
  if (!existsSync(path)) throw new Error(`There is no ${path}. Name the folder of the data with --from.`)
  return fitSplit(
    workflow({
      session: 'sas_user',
      item: 'sas_item',
      time: expressions.column('timestamp', 'seconds'),
    }),
    { path, format: 'csv', delimiter: '\t' },
    { kind: 'leave-one-out' },
  )
}
