import Table from 'cli-table3'
import type { InferredColumn, InferredSchema } from '../schema/index.ts'

export const count = (value: number): string => value.toLocaleString('en-US')

/** What was found of each column, for a terminal. */
export function schemaTable({ columns, events }: InferredSchema): string {
  const spread = columns.map(spreadOf)
  // The width of a terminal is for columns that say something.
  const spreads = spread.some((text) => text !== '')
  const made = new Table({
    head: [
      ...['column', 'type', 'role', 'values', 'missing', 'from', 'to'],
      ...(spreads ? ['mean ± deviation'] : []),
      'why',
    ],
    style: { head: [], border: [] },
    colAligns: [
      ...(['left', 'left', 'left', 'right', 'right', 'right', 'right'] as const),
      ...(spreads ? (['right'] as const) : []),
      'left',
    ],
  })
  made.push(
    ...columns.map(
      ({ name, dtype, role, distinct, distinctIsEstimate, missing, min, max, reason }, index) => [
        plain(name),
        dtype,
        role,
        distinctIsEstimate ? `~${count(Number(distinct.toPrecision(2)))}` : count(distinct),
        missing === 0 ? '' : `${((100 * missing) / events).toFixed(1)} %`,
        String(min ?? ''),
        String(max ?? ''),
        ...(spreads ? [spread[index]!] : []),
        plain(reason),
      ],
    ),
  )
  return made.toString()
}

/** Of what is a quantity; the mean of ids says nothing. */
function spreadOf({ role, mean, deviation }: InferredColumn): string {
  if (role !== 'continuous' || mean === undefined) return ''
  const short = (value: number): string => String(Number(value.toPrecision(4)))
  return deviation === undefined ? short(mean) : `${short(mean)} ± ${short(deviation)}`
}

/** Names come from files of strangers: a terminal must not obey them. */
export const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, '·')
