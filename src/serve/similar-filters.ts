import type { Catalogue } from '../catalogue/index.ts'
import { EnsuiteError } from '../errors.ts'
import { foldFilter } from '../vector-store/filter.ts'
import type { VectorFilter, VectorSchema } from '../vector-store/index.ts'
import type { Parts } from './parts.ts'

/** A filter of a request, for those whose attributes it is of. */
export interface SimilarFilters {
  readonly ofCatalogue?: VectorFilter
  readonly ofStore?: VectorFilter
  /** Whether the store alone can say what passes: where it does not answer, nothing is known to. */
  readonly isOfStoreAlone: boolean
}

/** Throws `OPTION_INVALID` for what is a filter of neither. */
export function similarFilters(
  filter: unknown,
  { shop, vectors }: Pick<Parts, 'shop' | 'vectors'>,
): SimilarFilters {
  if (filter === undefined) return { isOfStoreAlone: false }
  const { catalogue } = shop
  const schema = vectors?.latest?.schema
  const [ofCatalogue, ofStore] = [
    catalogue && refusalBy(catalogue, filter),
    schema && refusalOf(schema, filter),
  ]
  const own = filter as VectorFilter
  // Where both know the attributes the catalogue decides: what the store holds of them is as old as its version.
  if (catalogue !== undefined && ofCatalogue === undefined) return { ofCatalogue: own, isOfStoreAlone: false }
  if (schema !== undefined && ofStore === undefined) return { ofStore: own, isOfStoreAlone: true }
  // What its attributes are is not known before it was opened once.
  if (vectors !== undefined && schema === undefined) return { isOfStoreAlone: true }
  throw (
    ofCatalogue ??
    ofStore ??
    new EnsuiteError(
      'OPTION_INVALID',
      'similar: a filter is of the attributes of a catalogue or of a vector store, and the server has neither.',
    )
  )
}

function refusalBy(catalogue: Catalogue, filter: unknown): Error | undefined {
  return refusal(() => {
    catalogue.checkFilter(filter)
  })
}

function refusalOf(schema: VectorSchema, filter: unknown): Error | undefined {
  return refusal(() =>
    foldFilter<null>(filter, schema, { all: nothing, any: nothing, not: nothing, compare: nothing }),
  )
}

const nothing = (): null => null

function refusal(check: () => unknown): Error | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return error as Error
  }
}
