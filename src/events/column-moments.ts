/** Of the numbers of a column. */
export interface Moments {
  readonly mean: number
  /** Of a sample: √(Σ (x − mean)² ÷ (n − 1)); undefined for a single number. */
  readonly deviation?: number
}

/** The engine refuses squares that overflow: a column with larger numbers has no moments. */
const LARGEST = 1e140

/** The SQL of the moments of a column's numbers, as `momentsOf` reads them. */
export function momentsSql(value: string, index: number): readonly string[] {
  const real = `CAST(${value} AS DOUBLE)`
  return [
    `favg(${real}) AS mean${index}`,
    // Of all numbers where none is too large. A condition inside is faster than a filter.
    `stddev_samp(CASE WHEN abs(${real}) < ${LARGEST} THEN ${real} END) AS deviation${index}`,
  ]
}

/** Undefined where there is no number, or one that is infinite, no number or beyond ±1e140. `row`: with the column's bounds. */
export function momentsOf(
  row: Readonly<Record<string, string | undefined>>,
  index: number,
): Moments | undefined {
  const number = (name: string): number => Number(row[`${name}${index}`] ?? 'none')
  const mean = number('mean')
  const good = Math.abs(number('min')) < LARGEST && Math.abs(number('max')) < LARGEST && Number.isFinite(mean)
  if (!good) return undefined
  const deviation = number('deviation')
  return { mean, ...(Number.isFinite(deviation) && { deviation }) }
}
