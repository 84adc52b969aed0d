import type { HeadResult, HeadsResult } from '../evaluate/index.ts'
import { table } from './output.ts'
import { plain } from './schema-table.ts'

/** A number in as many digits as tell something, whatever its unit. */
const short = (value: number | undefined): string =>
  value === undefined ? '' : String(Number(value.toPrecision(4)))

type Shown = Readonly<Record<string, Pick<HeadResult, 'metrics' | 'constant'>>>

/** The heads that score no items, a row a metric, beside their constants where there are any. `model`: what its column is called. */
export function headsTable(results: Shown, { model }: { readonly model: string }): string {
  const compared = Object.values(results).some(({ constant }) => constant !== undefined)
  const rows = Object.entries(results).flatMap(([head, { metrics, constant = {} }]) =>
    // Of some metrics only one of the two can be told.
    [...new Set([...Object.keys(metrics), ...Object.keys(constant)])].map((name) => [
      plain(`${head}/${name}`),
      short(metrics[name]),
      ...(compared ? [short(constant[name])] : []),
    ]),
  )
  return table(['', plain(model), ...(compared ? ['constant'] : [])], rows)
}

/** How each head was measured, in a line. */
export const headLines = (results: HeadsResult): string =>
  Object.entries(results)
    .map(([name, result]) => plain(headLine(name, result)))
    .join('\n')

function headLine(name: string, { targets, missing, gain, beatsConstant }: HeadResult): string {
  const counted = `${name}: ${targets} targets${missing > 0 ? `, ${missing} more missing or unknown` : ''}`
  if (beatsConstant === undefined) return `${counted}, beside no constant.`
  const shown = gain && ` (gain ${short(gain.mean)} ± ${short(gain.standardError)} a target)`
  return `${counted}, ${beatsConstant ? 'better' : 'not better'} than the constant${shown ?? ''}.`
}
