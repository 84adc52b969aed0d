/** The middle value, or the mean of the two middle ones; `NaN` of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = sorted.length / 2
  const at = Math.floor(middle)
  return Number.isInteger(middle) ? (sorted[at - 1]! + sorted[at]!) / 2 : sorted[at]!
}

/** What one contestant did in its turn of a round. */
export interface Turn {
  readonly ms: readonly number[]
  readonly losses: readonly number[]
}

export interface Summary {
  /** Of all steps of all rounds. */
  readonly medianMs: number
  readonly minMs: number
  /** The median of each round. */
  readonly roundMs: readonly number[]
  /** The loss of the very first step, warm-up included, and of the last one. */
  readonly loss?: { readonly first: number; readonly last: number }
}

export function summarise(warmUp: Turn, rounds: readonly Turn[]): Summary {
  const all = rounds.flatMap((round) => round.ms)
  const losses = [warmUp, ...rounds].flatMap((round) => round.losses)
  return {
    medianMs: median(all),
    minMs: Math.min(...all),
    roundMs: rounds.map((round) => median(round.ms)),
    ...(losses.length > 0 && { loss: { first: losses[0]!, last: losses.at(-1)! } }),
  }
}

/** How many times longer `left` takes than `right`: by the two medians, and as the median over rounds, which drift touches less. */
export interface Ratio {
  readonly ofMedians: number
  readonly byRound: number
}

export const ratio = (left: Summary, right: Summary): Ratio => ({
  ofMedians: left.medianMs / right.medianMs,
  byRound: median(left.roundMs.map((ms, round) => ms / right.roundMs[round]!)),
})

/** The mean; `NaN` of nothing. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
