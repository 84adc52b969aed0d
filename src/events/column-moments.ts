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
  const small = `FILTER (WHERE abs(${real}) < ${LARGEST})`
  return [
    `count(${value}) - count(${value}) ${small} AS large${index}`,
    `favg(${real}) ${small} AS mean${index}`,
    `stddev_samp(${real}) ${small} AS deviation${index}`,
  ]
}

/** Undefined where there is no number, or one that is infinite, no number or beyond ±1e140. */
export function momentsOf(
  row: Readonly<Record<string, string | undefined>>,
  index: number,
): Moments | undefined {
  const printed = row[`mean${index}`] ?? 'null'
  if (printed === 'null' || row[`large${index}`] !== '0') return undefined
  const deviation = row[`deviation${index}`] ?? 'null'
  return { mean: Number(printed), ...(deviation !== 'null' && { deviation: Number(deviation) }) }
}
