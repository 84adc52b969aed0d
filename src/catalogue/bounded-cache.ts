/** What was made lately, by key: so many at most, the one that was not asked for longest makes room. */
export interface BoundedCache<Value> {
  get(key: string, make: () => Value): Value
  clear(): void
  readonly size: () => number
}

export function boundedCache<Value>(most: number): BoundedCache<Value> {
  const kept = new Map<string, Value>()
  return {
    get: (key, make) => {
      const found = kept.get(key)
      const value = kept.has(key) ? (found as Value) : make()
      // A map gives its keys by the order in which they came.
      kept.delete(key)
      kept.set(key, value)
      if (kept.size > most) kept.delete(kept.keys().next().value as string)
      return value
    },
    clear: () => kept.clear(),
    size: () => kept.size,
  }
}
