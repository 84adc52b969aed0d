import { EnsuiteError } from '../errors.ts'

type Direction = 'higher' | 'lower'

/** The error for a search that goes the other way than its metric: each trial keeps its best epoch by it, and the search would take the worst of the best. Nothing where it does not. */
export const contraryDirection = (
  metric: string,
  { own, given }: { readonly own: Direction; readonly given: Direction },
): EnsuiteError | undefined =>
  own === given
    ? undefined
    : new EnsuiteError('OPTION_INVALID', `'${metric}' is better the ${own}: give --direction ${own}.`)
