import { EnsuiteError } from '../errors.ts'

/**
 * One axis: a fixed number, or a symbolic size that is known when the graph runs.
 * Symbolic sizes are polynomials with whole coefficients, always written in canonical form, multiplied out and sorted:
 * a name (`batch`), a product (`2*batch*time`) or a sum (`(batch*time+batch-1)`). Two sizes are equal exactly when their texts are.
 */
export type Dim = number | string
export type Shape = readonly Dim[]

/** Sorted names joined by `*` (empty for the constant) → coefficient, never 0. */
type Polynomial = ReadonlyMap<string, number>

function parse(dim: Dim): Polynomial {
  if (typeof dim === 'number') return collect([['', dim]])
  const texts = dim.replace(/^\(|\)$/g, '').match(/[+-]?[^+-]+/g) ?? []
  const parsed = texts.map((text): readonly [string, number] => {
    const parts = text.replace(/^[+-]/, '').split('*')
    const names = parts.filter((part) => !/^\d+$/.test(part))
    const bad = names.find((name) => !/^[a-z_]\w*$/i.test(name))
    if (bad !== undefined) {
      throw new EnsuiteError(
        'GRAPH_INVALID',
        `'${dim}' is no size. Expected a whole number, or a name of letters, digits and underscores.`,
      )
    }
    const coefficient = parts.reduce((all, part) => (/^\d+$/.test(part) ? all * Number(part) : all), 1)
    return [names.sort().join('*'), text.startsWith('-') ? -coefficient : coefficient]
  })
  return collect(parsed)
}

/** Adds up terms of the same names; what cancels is gone. */
function collect(entries: Iterable<readonly [string, number]>): Polynomial {
  const totals = new Map<string, number>()
  for (const [names, coefficient] of entries) totals.set(names, (totals.get(names) ?? 0) + coefficient)
  return new Map([...totals].filter(([, coefficient]) => coefficient !== 0))
}

const namesOf = (names: string): readonly string[] => (names === '' ? [] : names.split('*'))

function times(left: Polynomial, right: Polynomial): Polynomial {
  const entries = [...left].flatMap(([a, x]) =>
    [...right].map(([b, y]) => [[...namesOf(a), ...namesOf(b)].sort().join('*'), x * y] as const),
  )
  return collect(entries)
}

/** Highest degree first, then by name: an order that products keep, which division needs. */
function byDegree([left]: readonly [string, number], [right]: readonly [string, number]): number {
  const [a, b] = [namesOf(left), namesOf(right)]
  return b.length - a.length || (left < right ? -1 : left > right ? 1 : 0)
}

function format(polynomial: Polynomial): Dim {
  const entries = [...polynomial].sort(byDegree)
  if (entries.every(([names]) => names === '')) return entries[0]?.[1] ?? 0
  const text = entries
    .map(([names, coefficient], at) => {
      const size = Math.abs(coefficient)
      const sign = coefficient < 0 ? '-' : at > 0 ? '+' : ''
      return sign + [...(size === 1 && names !== '' ? [] : [size]), ...namesOf(names)].join('*')
    })
    .join('')
  return entries.length === 1 ? text : `(${text})`
}

/** The canonical form of a size. */
export const canonical = (dim: Dim): Dim => (typeof dim === 'number' ? dim : format(parse(dim)))

/** The product of all sizes. */
export function product(dims: Shape): Dim {
  return format(dims.map(parse).reduce(times, parse(1)))
}

/** The sum of sizes; a number where all are numbers. */
export function sum(dims: Shape): Dim {
  return format(collect(dims.flatMap((dim) => [...parse(dim)])))
}

/** `left` less `right`. */
export function difference(left: Dim, right: Dim): Dim {
  return sum([left, product([-1, right])])
}

/** The quotient, or undefined when the division leaves a rest. */
export function quotient(dim: Dim, by: Dim): Dim | undefined {
  const divisor = parse(by)
  const leading = [...divisor].sort(byDegree)[0]
  if (leading === undefined) return undefined
  const found: (readonly [string, number])[] = []
  let rest = parse(dim)
  while (rest.size > 0) {
    const first = [...rest].sort(byDegree)[0]!
    const names = [...namesOf(first[0])]
    for (const name of namesOf(leading[0])) {
      const at = names.indexOf(name)
      if (at < 0) return undefined
      names.splice(at, 1)
    }
    const share = first[1] / leading[1]
    if (!Number.isInteger(share)) return undefined
    found.push([names.join('*'), share])
    rest = collect([...rest, ...times(collect([[names.join('*'), -share]]), divisor)])
  }
  return format(collect(found))
}

/** The terms of a size, each a number and the names that are multiplied with it. */
export function terms(
  dim: Dim,
): readonly { readonly coefficient: number; readonly names: readonly string[] }[] {
  return [...parse(dim)]
    .sort(byDegree)
    .map(([names, coefficient]) => ({ coefficient, names: namesOf(names) }))
}

/** The names inside a size: `(2*batch*time+1)` → batch, time. */
export function symbols(dim: Dim): readonly string[] {
  return [...new Set(terms(dim).flatMap(({ names }) => names))]
}

/** Puts numbers for names; what stays unknown stays symbolic. */
export function bind(dim: Dim, sizes: Readonly<Record<string, number>>): Dim {
  if (typeof dim === 'number') return dim
  return sum(
    terms(dim).map(({ coefficient, names }) =>
      product([coefficient, ...names.map((name) => sizes[name] ?? name)]),
    ),
  )
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

export function sameShape(left: Shape, right: Shape): boolean {
  return left.length === right.length && left.every((dim, axis) => dim === right[axis])
}

/** NumPy's broadcasting; sizes fit when they are equal or one of them is 1. `fail` makes the error from the reason. */
export function broadcast(shapes: readonly Shape[], fail: (reason: string) => EnsuiteError): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length))
  return Array.from({ length: rank }, (_, axis): Dim => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1).filter((dim) => dim !== 1)
    const size = sizes[0] ?? 1
    if (sizes.some((other) => other !== size)) {
      throw fail(`cannot broadcast ${shapes.map(formatShape).join(' and ')}: they differ at axis ${axis}`)
    }
    return size
  })
}
