import type { ItemVectors, Rule, Spread } from './rule.ts'
import { readNumber, readObject } from './rule-checks.ts'

export interface Diversity {
  /** From 0, the best by score, to 1, the least alike whatever the score. */
  readonly weight: number
}

/**
 * Each next item is the one of the highest (1 − weight) · relevance − weight · its likeness to the nearest of those before it: the cosine of their vectors. Items without a vector are like none.
 *
 * Paper: Carbonell and Goldstein 1998, maximal marginal relevance, λ = 1 − weight. Differs: relevance is the score between the lowest (0) and the highest (1) of the list that is ranked, so that
 * both terms have one scale.
 */
export const diversity: Rule<Diversity> = {
  read: (value, path) => {
    const own = readObject(value, path, { required: ['weight'] })
    return { weight: readNumber(own['weight'], `${path}.weight`, { min: 0, max: 1 }) }
  },
  effect: ({ weight }, { vectors = () => undefined }) =>
    weight === 0 ? {} : { spread: () => spreadOf(weight, vectors) },
}

function spreadOf(weight: number, vectors: ItemVectors): Spread {
  const units = new Map<string, Float32Array | undefined>()
  const unit = (item: string): Float32Array | undefined => {
    if (!units.has(item)) units.set(item, unitVector(vectors(item)))
    return units.get(item)
  }
  const taken: (Float32Array | undefined)[] = []
  /** How alike an item is to the first so many that were taken. */
  const known = new Map<string, { readonly count: number; readonly likeness: number }>()
  const likeness = (item: string): number => {
    const own = unit(item)
    const before = known.get(item)
    let most = before?.likeness ?? (taken.length === 0 ? 0 : -1)
    if (own === undefined) return 0
    for (let at = before?.count ?? 0; at < taken.length; at++) most = Math.max(most, cosine(own, taken[at]))
    known.set(item, { count: taken.length, likeness: taken.length === 0 ? -1 : most })
    return most
  }
  return {
    worth: (item, relevance) => (1 - weight) * relevance - weight * likeness(item),
    take: (item) => void taken.push(unit(item)),
  }
}

/** The vector at length 1; undefined for one of no length or of numbers that are none. */
export function unitVector(vector: Float32Array | undefined): Float32Array | undefined {
  if (vector === undefined) return undefined
  let squares = 0
  for (const value of vector) squares += value * value
  const length = Math.sqrt(squares)
  return length > 0 && Number.isFinite(length) ? vector.map((value) => value / length) : undefined
}

/** Of two vectors at length 1; vectors of another width, or none, are not alike. */
export function cosine(one: Float32Array, other: Float32Array | undefined): number {
  if (one.length !== other?.length) return 0
  let sum = 0
  for (let at = 0; at < one.length; at++) sum += one[at]! * other[at]!
  return sum
}
