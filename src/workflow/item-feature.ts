import { EnsuiteError } from '../errors.ts'
import { expressions, shown, toExpression, type Expression, type Operand } from '../expressions/index.ts'
import { checkName } from './check-name.ts'

/** The features with the item among them, first where it is none of those given. */
export function withItem(
  item: unknown,
  features: Readonly<Record<string, Operand>>,
): { readonly item?: string; readonly features: Readonly<Record<string, Operand>> } {
  if (item === undefined) return { features }
  if (typeof item === 'string' && Object.hasOwn(features, item)) {
    itemColumn(toExpression(features[item]!))
    return { item, features }
  }
  if (typeof item === 'string') checkName('item', item)
  const tree = typeof item === 'string' ? expressions.category(item) : toExpression(item as Operand)
  const name = itemColumn(tree)
  if (Object.hasOwn(features, name))
    throw new EnsuiteError(
      'OPTION_INVALID',
      `workflow: the item and a feature are both called '${name}'. Give the feature another name, or write item: '${name}'.`,
    )
  return { item: name, features: Object.fromEntries([[name, tree], ...Object.entries(features)]) }
}

/** The column of an item. Throws `OPTION_INVALID` unless its feature can be turned back into the ids of that column. */
export function itemColumn({ op, inputs, options }: Expression): string {
  const [column] = inputs
  if (op === 'categorify' && inputs.length === 1 && column!.op === 'column' && !options['buckets'])
    return column!.options['name'] as string
  throw new EnsuiteError(
    'OPTION_INVALID',
    `The item of a workflow is the vocabulary of one column, without buckets: 'sku', or category('sku', { minCount: 5 }); received ${shown({ op, options })}.`,
  )
}
