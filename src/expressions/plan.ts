import { operatorOf, type Expression } from './expression.ts'
import type { Operator } from './operator.ts'

/** A distinct node of some trees. Equal expressions are one node, and computed once. */
export interface PlannedNode {
  readonly expression: Expression
  readonly operator: Operator
  /** Places of the inputs in the plan, all before this one. */
  readonly inputs: readonly number[]
  /** 0 for columns and literals, else one more than the highest input: what a step of SQL can compute. */
  readonly level: number
}

/** Trees as a list in which inputs come first. The order follows from the trees alone, so states can be saved by place. */
export interface Plan {
  readonly nodes: readonly PlannedNode[]
  /** The place of each tree's root. */
  readonly roots: readonly number[]
}

export function planOf(trees: readonly Expression[]): Plan {
  const nodes: PlannedNode[] = []
  const places = new Map<string, number>()
  const known = new Map<Expression, number>()
  const visit = (expression: Expression): number => {
    const before = known.get(expression)
    if (before !== undefined) return before
    const inputs = expression.inputs.map(visit)
    const key = JSON.stringify([expression.op, expression.options, inputs])
    let place = places.get(key)
    if (place === undefined) {
      place = nodes.length
      places.set(key, place)
      const leaf = expression.op === 'column' || expression.op === 'literal'
      const level = leaf ? 0 : 1 + Math.max(0, ...inputs.map((input) => nodes[input]!.level))
      nodes.push({ expression, operator: operatorOf(expression.op), inputs, level })
    }
    known.set(expression, place)
    return place
  }
  const roots = trees.map(visit)
  return { nodes, roots }
}

/** The columns that a plan reads, by place: name and type. */
export const columnsOf = ({
  nodes,
}: Plan): readonly { readonly place: number; readonly name: string; readonly type: string }[] =>
  nodes.flatMap(({ expression: { op, options } }, place) =>
    op === 'column' ? [{ place, name: options['name'] as string, type: options['type'] as string }] : [],
  )

/** The places that these depend on, themselves included. */
export function reached(plan: Plan, wanted: readonly number[]): ReadonlySet<number> {
  const found = new Set<number>()
  const visit = (place: number): void => {
    if (found.has(place)) return
    found.add(place)
    plan.nodes[place]!.inputs.forEach(visit)
  }
  wanted.forEach(visit)
  return found
}
