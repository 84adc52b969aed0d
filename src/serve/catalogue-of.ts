import type { Catalogue } from '../catalogue/index.ts'
import { RequestProblem } from './problems.ts'
import type { Shop } from './shop.ts'

/** The catalogue that a request is of. Throws `NO_CATALOGUE` where the server keeps none. */
export function catalogueOf({ catalogue }: Pick<Shop, 'catalogue'>): Catalogue {
  if (catalogue === undefined) throw new RequestProblem('NO_CATALOGUE')
  return catalogue
}
