import { EnsuiteError } from '../errors.ts'

/**
 * One axis: a fixed number, or a symbolic size that is known when the graph runs.
 * Symbolic sizes are names (`batch`), products (`2*batch*time`) or sums (`(time+1)`), always in canonical form,
 * so that two sizes are equal exactly when their texts are.
 */
export type Dim = number | string
export type Shape = readonly Dim[]

interface Monomial {
  readonly coefficient: number
  readonly factors: readonly string[]
}

function monomial(dim: Dim): Monomial {
  if (typeof dim === 'number') return { coefficient: dim, factors: [] }
  const parts = dim.startsWith('(') ? [dim] : dim.split('*')
  const factors = parts.filter((part) => !/^\d+$/.test(part))
  const coefficient = parts.filter((part) => /^\d+$/.test(part)).reduce((all, part) => all * Number(part), 1)
  return { coefficient, factors }
}

function format({ coefficient, factors }: Monomial): Dim {
  if (factors.length === 0 || coefficient === 0) return coefficient
  return [...(coefficient === 1 ? [] : [String(coefficient)]), ...[...factors].sort()].join('*')
}

/** The product of all sizes. */
export function product(dims: Shape): Dim {
  const parts = dims.map(monomial)
  return format({
    coefficient: parts.reduce((all, part) => all * part.coefficient, 1),
    factors: parts.flatMap((part) => part.factors),
  })
}

/** The sum of sizes; a number where all are numbers. */
export function sum(dims: Shape): Dim {
  const fixed = dims.reduce<number>((all, dim) => (typeof dim === 'number' ? all + dim : all), 0)
  const symbols = dims.filter((dim) => typeof dim === 'string')
  if (symbols.length === 0) return fixed
  if (symbols.length === 1 && fixed === 0) return symbols[0]!
  return `(${[...symbols].sort().join('+')}${fixed === 0 ? '' : fixed > 0 ? `+${fixed}` : fixed})`
}

/** The quotient, or undefined when the division leaves a rest. */
export function quotient(dim: Dim, by: Dim): Dim | undefined {
  const [top, bottom] = [monomial(dim), monomial(by)]
  if (bottom.coefficient === 0 || top.coefficient % bottom.coefficient !== 0) return undefined
  const factors = [...top.factors]
  for (const factor of bottom.factors) {
    const at = factors.indexOf(factor)
    if (at < 0) return undefined
    factors.splice(at, 1)
  }
  return format({ coefficient: top.coefficient / bottom.coefficient, factors })
}

/** The names inside a size: `2*batch*(time+1)` → batch, time. */
export function symbols(dim: Dim): readonly string[] {
  return typeof dim === 'number' ? [] : [...dim.matchAll(/[a-z_]\w*/gi)].map((match) => match[0])
}

/** Puts numbers for names; what stays unknown stays symbolic. */
export function bind(dim: Dim, sizes: Readonly<Record<string, number>>): Dim {
  if (typeof dim === 'number') return dim
  if (dim.startsWith('(')) return sum(terms(dim).map((term) => bind(term, sizes)))
  return product(
    dim
      .split('*')
      .map((part) =>
        /^\d+$/.test(part) ? Number(part) : part.startsWith('(') ? bind(part, sizes) : (sizes[part] ?? part),
      ),
  )
}

/** The terms of a sum `(a+b-1)`. */
export function terms(dim: string): readonly Dim[] {
  return [...dim.slice(1, -1).matchAll(/[+-]?[^+-]+/g)].map(([term]) => {
    const text = term.replace(/^\+/, '')
    return /^-?\d+$/.test(text) ? Number(text) : text
  })
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

export function sameShape(left: Shape, right: Shape): boolean {
  return left.length === right.length && left.every((dim, axis) => dim === right[axis])
}

/** NumPy's broadcasting; sizes fit when they are equal or one of them is 1. */
export function broadcast(shapes: readonly Shape[], where: () => string): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length))
  return Array.from({ length: rank }, (_, axis): Dim => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1).filter((dim) => dim !== 1)
    const size = sizes[0] ?? 1
    if (sizes.some((other) => other !== size)) {
      throw new EnsuiteError(
        'SHAPE_MISMATCH',
        `${where()}: shapes ${shapes.map(formatShape).join(' and ')} do not broadcast at axis ${axis}.`,
      )
    }
    return size
  })
}

/** Negative axes count from the end. */
export function axisOf(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis
  if (at < 0 || at >= rank)
    throw new EnsuiteError('SHAPE_MISMATCH', `Axis ${axis} is outside a tensor of rank ${rank}.`)
  return at
}
