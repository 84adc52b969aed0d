import { table } from '../src/cli/output.ts'
import type { Figures } from './data/read-back.ts'
import type { Preparation, Preparer } from './preparers.ts'
import { median } from './statistics.ts'

/** What one program did in its turns. */
export interface Turns {
  readonly preparer: Preparer
  readonly lines: Preparation[]
  readonly figures: Figures[]
  /** Why it takes no more turns. */
  failed?: string
}

export interface PreparedRow {
  readonly name: string
  /** A line a round. */
  readonly lines: readonly Preparation[]
  readonly figures: Figures | undefined
  readonly failed: string | undefined
  readonly differences: readonly string[]
  /** Whether it made, in every round, the sessions that ours made in the first. */
  readonly agrees: boolean
  /** Of all rounds. */
  readonly medianSeconds: number | undefined
  readonly timesOurs: number | undefined
}

/** A row for each program, ours first. */
export function preparedRows(results: readonly Turns[]): readonly PreparedRow[] {
  const typical = ({ lines }: Turns): number | undefined =>
    lines.length > 0 ? median(lines.map(({ total }) => total)) : undefined
  const [ours] = results as readonly [Turns]
  const expected = ours.figures[0]
  const ourSeconds = typical(ours)
  return results.map((result) => {
    const { preparer, lines, figures, failed } = result
    const differing =
      expected === undefined ? [] : figures.flatMap((own) => preparer.differences(expected, own))
    const medianSeconds = typical(result)
    return {
      name: preparer.name,
      lines,
      figures: figures.at(-1),
      failed,
      differences: [...new Set(differing)],
      agrees: failed === undefined && expected !== undefined && differing.length === 0,
      medianSeconds,
      timesOurs:
        medianSeconds === undefined || ourSeconds === undefined ? undefined : medianSeconds / ourSeconds,
    }
  })
}

/** A table for people. */
export function preparedTable(rows: readonly PreparedRow[]): string {
  return table(
    ['', 'seconds of each round', 'median', 'peak MB', '÷ ours', 'same sessions'],
    rows.map(({ name, lines, medianSeconds, timesOurs, agrees, failed }) => [
      name,
      lines.map(({ total }) => total.toFixed(1)).join(', '),
      medianSeconds?.toFixed(1) ?? '',
      lines.length > 0 ? String(Math.max(...lines.map((line) => line.peakMegabytes))) : '',
      timesOurs === undefined ? '' : `${timesOurs.toFixed(2)} ×`,
      failed !== undefined ? 'failed' : agrees ? 'yes' : 'NO',
    ]),
  )
}
