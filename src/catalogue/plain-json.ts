import { EnsuiteError } from '../errors.ts'

const DEEPEST = 24
const MOST_VALUES = 50_000

/**
 * Throws `OPTION_INVALID`, with the path, unless `value` is what JSON holds, of at most 24 levels and 50,000 values. It walks without recursion, so that no depth ends the stack of this or of
 * any later check, and finds names that would reach a prototype.
 */
export function checkPlainJson(where: string, value: unknown): void {
  const open: (readonly [path: string, value: unknown, depth: number])[] = [[where, value, 1]]
  let count = 0
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [path, own, depth] = next
    if (++count > MOST_VALUES) throw refused(where, `at most ${MOST_VALUES} values`)
    if (depth > DEEPEST) throw refused(where, `at most ${DEEPEST} levels`)
    if (typeof own === 'string' || typeof own === 'boolean' || own === null) continue
    if (typeof own === 'number') {
      if (!Number.isFinite(own)) throw refused(path, 'a finite number')
      continue
    }
    if (Array.isArray(own)) {
      if (own.length > MOST_VALUES) throw refused(path, `at most ${MOST_VALUES} values`)
      for (const [at, each] of own.entries()) open.push([`${path}[${at}]`, each, depth + 1])
      continue
    }
    const prototype: unknown = typeof own === 'object' ? Object.getPrototypeOf(own) : undefined
    if (typeof own !== 'object' || (prototype !== Object.prototype && prototype !== null))
      throw refused(path, `JSON: texts, numbers, truth values, lists and plain objects, not a ${typeof own}`)
    for (const key of Object.keys(own)) {
      if (key === '__proto__' || key === 'constructor' || key === 'prototype')
        throw refused(path, `no name '${key}'`)
      const each = (own as Readonly<Record<string, unknown>>)[key]
      // JSON has no undefined; an option that is left out by a condition is one that is not given.
      if (each !== undefined) open.push([`${path}.${key.slice(0, 50)}`, each, depth + 1])
    }
  }
}

const refused = (where: string, expected: string): EnsuiteError =>
  new EnsuiteError('OPTION_INVALID', `${where.slice(0, 300)} expects ${expected}.`)
