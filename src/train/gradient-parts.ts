import { EnsuiteError } from '../errors.ts'
import { add, sameType, scatteredRows, type Tensor } from '../graph/index.ts'

/** A gradient as one dense summand at most, and single rows that are added by id. */
export interface GradientParts {
  /** Rows `offset` and on of the table, as many as the tensor has; the rest is zero. */
  readonly dense?: { readonly offset: number; readonly tensor: Tensor }
  readonly rows: readonly { readonly offset: number; readonly ids: Tensor; readonly rows: Tensor }[]
}

/**
 * Takes a gradient apart along its sums, paddings and scatters, so that a kernel can add the parts in place.
 * dE of a tied table thus needs no copy of the table: the product's part is fetched into its rows, the lookups are added by id.
 */
export function gradientParts(gradient: Tensor): GradientParts {
  const dense: { offset: number; tensor: Tensor }[] = []
  const rows: { offset: number; ids: Tensor; rows: Tensor }[] = []
  const visit = (tensor: Tensor, offset: number): void => {
    const { operator, inputs, attributes } = tensor.node
    const scattered = scatteredRows(tensor)
    if (scattered !== undefined) rows.push({ offset, ...scattered })
    else if (operator.name === 'add' && inputs.every((each) => sameType(each, tensor)))
      for (const each of inputs) visit(each, offset)
    else if (operator.name === 'pad' && attributes['axis'] === 0)
      visit(inputs[0]!, offset + (attributes['before'] as number))
    else dense.push({ offset, tensor })
  }
  visit(gradient, 0)
  const [first, ...others] = dense
  if (first === undefined) return { rows }
  const alike = others.every(
    (each) => each.offset === first.offset && each.tensor.shape[0] === first.tensor.shape[0],
  )
  // Dense parts of different extent are rare (no layer here makes them) and are left to the graph as they are.
  if (!alike) return { dense: { offset: 0, tensor: gradient }, rows: [] }
  return {
    dense: {
      offset: first.offset,
      tensor: others.reduce((all, each) => add(all, each.tensor), first.tensor),
    },
    rows,
  }
}

/** Throws `GRAPH_INVALID` for a table that is to be updated by rows and has a gradient for all of them. */
export function checkRowsUpdate(table: string, parts: GradientParts): void {
  if (parts.dense === undefined) return
  throw new EnsuiteError(
    'GRAPH_INVALID',
    `Table '${table}' has a dense gradient and cannot be updated by rows. Declare it with update 'dense'.`,
  )
}
