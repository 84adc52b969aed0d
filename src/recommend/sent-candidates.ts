import type { Ask, AskedRow, Candidates } from './session-row.ts'

/** Candidates under the number by which rows name them from then on. */
export interface NumberedCandidates extends Candidates {
  readonly number: number
}

/** A batch as it is sent: what the other side does not have yet goes along, once. */
export interface NumberedBatch {
  readonly rows: readonly AskedRow<number>[]
  readonly fresh: readonly NumberedCandidates[]
  readonly dropped: readonly number[]
}

/** So many stay on the other side, and those of the batch under way. */
const MOST_KEPT = 32

/** Numbers candidates by what the other side has: those that were not asked for longest are dropped. */
export function sentCandidates(): (rows: readonly AskedRow[]) => NumberedBatch {
  const numbers = new Map<Candidates, number>()
  let next = 0
  return (rows) => {
    const fresh: NumberedCandidates[] = []
    const used = new Set<Candidates>()
    const numberOf = (candidates: Candidates): number => {
      used.add(candidates)
      const known = numbers.get(candidates)
      const number = known ?? next++
      if (known === undefined) fresh.push({ number, ...candidates })
      numbers.delete(candidates)
      numbers.set(candidates, number)
      return number
    }
    const numbered = rows.map((row) => mapCandidates(row, numberOf))
    const dropped: number[] = []
    for (const [candidates, number] of numbers) {
      if (numbers.size <= MOST_KEPT || used.has(candidates)) break
      numbers.delete(candidates)
      dropped.push(number)
    }
    return { rows: numbered, fresh, dropped }
  }
}

/** The other side: turns numbers back. */
export function receivedCandidates(): (batch: NumberedBatch) => readonly AskedRow[] {
  const kept = new Map<number, Candidates>()
  return ({ rows, fresh, dropped }) => {
    for (const number of dropped) kept.delete(number)
    for (const { number, ...candidates } of fresh) kept.set(number, candidates)
    return rows.map((row) => mapCandidates(row, (number) => kept.get(number)!))
  }
}

function mapCandidates<From, To>(row: AskedRow<From>, to: (from: From) => To): AskedRow<To> {
  const { candidates, also, ...rest } = row
  return {
    ...rest,
    ...(candidates !== undefined && { candidates: to(candidates) }),
    ...(also && { also: also.map(({ k, candidates }): Ask<To> => ({ k, candidates: to(candidates) })) }),
  }
}
