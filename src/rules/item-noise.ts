const WORDS = 2 ** 32

/** A number above 0 and below 1 that depends on seed and item alone: whatever else is in a list, and in which order, an item draws the same. */
export function itemNoise(seed: number, item: string): number {
  let hash = mixed(mixed(seed >>> 0) ^ Math.floor(seed / WORDS))
  for (let at = 0; at < item.length; at++)
    hash = Math.imul(hash ^ item.charCodeAt(at), 0x5bd1e995) ^ (hash >>> 15)
  return (mixed(hash) + 0.5) / WORDS
}

/** The finalizer of splitmix32. */
function mixed(word: number): number {
  let t = (word + 0x9e3779b9) | 0
  t = Math.imul(t ^ (t >>> 16), 0x21f0aaad)
  t = Math.imul(t ^ (t >>> 15), 0x735a2d97)
  return (t ^ (t >>> 15)) >>> 0
}
