import { table } from '../src/cli/output.ts'
import { nameOf, type Configuration } from './configurations.ts'
import { PRODUCTS } from './products-alone.ts'
import { ratio, type Ratio, type Summary } from './statistics.ts'

export interface Results {
  readonly configuration: Configuration
  /** Of the matrix products of a step: 10⁹ multiplications and additions. */
  readonly gigaOperations: number
  readonly contestants: readonly (Summary & {
    readonly name: string
    /** How many times longer than ours. */
    readonly timesOurs: Ratio
  })[]
  /** The products alone ÷ the whole of our step, in %. */
  readonly productsShare?: number
}

interface Measured {
  /** Ours first. */
  readonly names: readonly string[]
  readonly summaries: readonly Summary[]
  readonly gigaOperations: number
}

export function results(
  configuration: Configuration,
  { names, summaries, gigaOperations }: Measured,
): Results {
  const [ours] = summaries as [Summary]
  const products = summaries[names.indexOf(PRODUCTS)]
  return {
    configuration,
    gigaOperations,
    contestants: summaries.map((summary, at) => ({
      name: names[at]!,
      ...summary,
      timesOurs: ratio(summary, ours),
    })),
    ...(products && { productsShare: 100 * ratio(products, ours).ofMedians }),
  }
}

/** Tables for people. */
export function report({ configuration, gigaOperations, contestants, productsShare }: Results): string {
  const rows = contestants.map(({ name, medianMs, minMs, timesOurs, loss }) => [
    name,
    medianMs.toFixed(1),
    minMs.toFixed(1),
    `${timesOurs.ofMedians.toFixed(2)} ×`,
    `${timesOurs.byRound.toFixed(2)} ×`,
    loss === undefined ? '' : `${loss.first.toFixed(3)} → ${loss.last.toFixed(3)}`,
  ])
  const lines = [
    nameOf(configuration),
    table(['', 'median ms', 'least ms', '÷ ours', '÷ ours, by round', 'loss'], rows),
  ]
  const products = contestants.find(({ name }) => name === PRODUCTS)
  if (products !== undefined && productsShare !== undefined) {
    const speed = (gigaOperations / products.medianMs) * 1000
    lines.push(
      `${productsShare.toFixed(0)} % of our step is matrix products: ${gigaOperations.toFixed(1)} billion operations, alone at ${speed.toFixed(0)} billion a second.`,
    )
  }
  return lines.join('\n')
}
