import type { Operator } from '../operator.ts'
import { arithmetic } from './arithmetic.ts'
import { calendar } from './calendar.ts'
import { categorify, jointCategorify } from './categorify.ts'
import { column } from './column.ts'
import { fitted } from './fitted.ts'
import { groupStatistic } from './group-statistic.ts'
import { javascript } from './javascript.ts'
import { logic } from './logic.ts'
import { lookup } from './lookup.ts'
import { sessionAggregates } from './session-aggregates.ts'
import { session } from './session.ts'
import { sparseProduct } from './sparse-product.ts'
import { recentCount } from './stream.ts'
import { targetEncode } from './target-encode.ts'
import { text } from './text.ts'

/** Every operator: what files, SQL and the tests go through. A new one has its record in one of the lists, and its row in the golden tables. */
export const operators: readonly Operator[] = [
  column,
  ...logic,
  ...arithmetic,
  ...text,
  ...calendar,
  categorify,
  jointCategorify,
  ...fitted,
  groupStatistic,
  targetEncode,
  lookup,
  sparseProduct,
  ...session,
  ...sessionAggregates,
  recentCount,
  javascript,
]
