/** Bytes of scores that are held at once unless said otherwise: 64 MiB, 16 sessions of a million items. */
export const SCORE_BYTES = 64 * 2 ** 20

/** How many sessions are scored at once: `batchSize`, or as many as `scoreBytes` has room for, but one at least. A score is a float32. */
export const batchWithin = ({
  batchSize,
  scoreBytes,
  items,
}: {
  readonly batchSize: number
  readonly scoreBytes: number
  readonly items: number
}): number => Math.max(1, Math.min(batchSize, Math.floor(scoreBytes / (4 * items))))
