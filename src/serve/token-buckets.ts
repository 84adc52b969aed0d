export interface BucketOptions {
  /** Tokens that come back in a second. */
  readonly perSecond: number
  /** Tokens at most: so much may come at once. */
  readonly burst: number
  /** The clock, in milliseconds. */
  readonly now: () => number
}

/** A bucket of tokens for each name. */
export interface TokenBuckets {
  /** Takes a token; false where there is none. */
  take(name: string): boolean
}

/** Names that are remembered at most: one that is forgotten starts with a full bucket again. */
const MOST_NAMES = 10_000

export function tokenBuckets({ perSecond, burst, now }: BucketOptions): TokenBuckets {
  const buckets = new Map<string, { tokens: number; at: number }>()
  return {
    take: (name) => {
      const time = now()
      const bucket = buckets.get(name) ?? { tokens: burst, at: time }
      bucket.tokens = Math.min(burst, bucket.tokens + ((time - bucket.at) / 1000) * perSecond)
      bucket.at = time
      // A map keeps the order in which names were set: the first is the one that was longest not asked for.
      buckets.delete(name)
      buckets.set(name, bucket)
      if (buckets.size > MOST_NAMES) buckets.delete(buckets.keys().next().value!)
      if (bucket.tokens < 1) return false
      bucket.tokens--
      return true
    },
  }
}
