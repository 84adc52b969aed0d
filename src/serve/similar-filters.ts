import { checkPlainJson, filterSchema, type Catalogue } from '../catalogue/index.ts'
import { EnsuiteError } from '../errors.ts'
import { foldFilter } from '../vector-store/filter.ts'
import type { VectorFilter, VectorSchema } from '../vector-store/index.ts'
import type { Parts } from './parts.ts'

/** A filter of a request, and that of the server's rules, for those whose attributes they are of. */
export interface SimilarFilters {
  readonly ofCatalogue?: VectorFilter
  readonly ofStore?: VectorFilter
  /** Whether the store alone can say what passes: where it does not answer, nothing is known to. */
  readonly isOfStoreAlone: boolean
}

/** Throws `OPTION_INVALID` for what is a filter of neither, or one that cannot be told apart. */
export function similarFilters(
  filter: unknown,
  { shop, vectors, rule }: Pick<Parts, 'shop' | 'vectors'> & { readonly rule?: VectorFilter | undefined },
): SimilarFilters {
  const asked = filter === undefined ? { isOfStoreAlone: false } : toldApart(filter, { shop, vectors })
  if (rule === undefined) return asked
  const { ofCatalogue } = asked
  const both: VectorFilter =
    ofCatalogue === undefined ? rule : allOf([rule, ofCatalogue].flatMap(conjunctsOf))
  shop.catalogue?.checkFilter(both)
  return { ...asked, ofCatalogue: both }
}

function toldApart(filter: unknown, { shop, vectors }: Pick<Parts, 'shop' | 'vectors'>): SimilarFilters {
  const { catalogue } = shop
  const schema = vectors?.latest?.schema
  const [byCatalogue, byStore] = [
    catalogue && refusalBy(catalogue, filter),
    schema && refusalOf(schema, filter),
  ]
  const own = filter as VectorFilter
  // Where both know the attributes the catalogue decides: what the store holds of them is as old as its version.
  if (catalogue !== undefined && byCatalogue === undefined) return { ofCatalogue: own, isOfStoreAlone: false }
  if (schema !== undefined && byStore === undefined) return { ofStore: own, isOfStoreAlone: true }
  // What its attributes are is not known before it was opened once.
  if (vectors !== undefined && schema === undefined) return { isOfStoreAlone: true }
  if (catalogue !== undefined && schema !== undefined) return split(filter, { catalogue, schema })
  throw (
    byCatalogue ??
    byStore ??
    new EnsuiteError(
      'OPTION_INVALID',
      'similar: a filter is of the attributes of a catalogue or of a vector store, and the server has neither.',
    )
  )
}

/** What has to be true at once is asked of each for itself: the store looks for what passes its part, and the catalogue lets pass of that. */
function split(
  filter: unknown,
  { catalogue, schema }: { readonly catalogue: Catalogue; readonly schema: VectorSchema },
): SimilarFilters {
  checkPlainJson('filter', filter)
  const attributes = { ...schema.attributes, ...filterSchema(catalogue.attributes).attributes }
  const unknown = refusalOf({ ...schema, attributes }, filter)
  if (unknown !== undefined) throw unknown
  const [ofCatalogue, ofStore]: [VectorFilter[], VectorFilter[]] = [[], []]
  for (const each of conjunctsOf(filter as VectorFilter))
    if (refusalBy(catalogue, each) === undefined) ofCatalogue.push(each)
    else if (refusalOf(schema, each) === undefined) ofStore.push(each)
    else
      throw new EnsuiteError(
        'OPTION_INVALID',
        `similar: a part of this filter holds attributes of the catalogue and of the vector store, and neither can tell alone: ${JSON.stringify(each).slice(0, 200)}. Conditions of one stand beside those of the other in 'all'; an 'any', and a 'not' of an 'all', is of one of them.`,
      )
  return { ofCatalogue: allOf(ofCatalogue), ofStore: allOf(ofStore), isOfStoreAlone: true }
}

const allOf = (parts: readonly VectorFilter[]): VectorFilter =>
  parts.length === 1 ? parts[0]! : { all: parts }

/** What all has to be true for a filter to be. No comparison is neither true nor false, so that none of some is true where each is not. */
function conjunctsOf(filter: VectorFilter): readonly VectorFilter[] {
  if ('all' in filter) return filter.all.flatMap(conjunctsOf)
  if (!('not' in filter)) return [filter]
  const { not } = filter
  if ('not' in not) return conjunctsOf(not.not)
  return 'any' in not ? not.any.flatMap((each) => conjunctsOf({ not: each })) : [filter]
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
